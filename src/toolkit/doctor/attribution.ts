// Which code a row carries and who has to act on it, from the one failure taxonomy unless the check knows better.

import {failureCode, type Who, whoActs} from '../../foundation/errors/index.ts'
import type {Row} from './check.ts'

/** The stable code of a row that did not pass. */
export const codeOf = (row: Row): string | undefined =>
  row.code ?? (row.failure === undefined ? undefined : failureCode(row.failure))

/** Who has to act on a row. A failure nobody is named for is the reader's own. */
export const whoOf = (row: Row): readonly Who[] => {
  if (row.who !== undefined) return row.who
  if (row.failure !== undefined) return whoActs(row.failure, row.destination?.startsWith('mcp:') ? 'mcp' : 'service')
  return row.status === 'FAIL' ? ['you'] : []
}
