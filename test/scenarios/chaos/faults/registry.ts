// All faults, in the order of the table.

import type {Fault} from '../fault.ts'
import {NETWORK_CONTROL} from './network-control.ts'
import {NETWORK_MCP} from './network-mcp.ts'

/** Every fault that the suites run. */
export const FAULTS: readonly Fault[] = [...NETWORK_MCP, ...NETWORK_CONTROL]
