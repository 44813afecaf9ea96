// All faults, in the order of the table.

import type {Fault} from '../fault.ts'
import {CHILD} from './child.ts'
import {HOST} from './host.ts'
import {LONG} from './long.ts'
import {NETWORK_CONTROL} from './network-control.ts'
import {NETWORK_MCP} from './network-mcp.ts'
import {SERVICE} from './service.ts'
import {STREAMS} from './streams.ts'

/** Every fault that the suites run. */
export const FAULTS: readonly Fault[] = [
  ...NETWORK_MCP,
  ...STREAMS,
  ...NETWORK_CONTROL,
  ...SERVICE,
  ...CHILD,
  ...HOST,
  ...LONG,
]
