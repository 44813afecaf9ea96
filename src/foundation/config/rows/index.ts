// Every configuration key, in the order in which help and docs show them. Plain data: importing it loads nothing else.

import {CONTROL_PLANE_ROWS} from './control-plane.ts'
import {LOG_ROWS} from './log.ts'
import {MCP_ROWS} from './mcp.ts'
import {OPERATOR_ROWS, TRUST_ROWS} from './operator.ts'
import type {ConfigRow} from './row.ts'
import {SELECTOR_ROWS} from './selectors.ts'

const ROWS = [
  ...SELECTOR_ROWS,
  ...CONTROL_PLANE_ROWS,
  ...MCP_ROWS,
  ...OPERATOR_ROWS,
  ...LOG_ROWS,
  ...TRUST_ROWS,
] as const

/** All rows. */
export const CONFIG_ROWS: readonly ConfigRow[] = ROWS

/** A key that has a row. */
export type ConfigKey = (typeof ROWS)[number]['key']

/** The row of a key. */
export function rowOf(key: ConfigKey): ConfigRow {
  return ROWS.find((row) => row.key === key)!
}
