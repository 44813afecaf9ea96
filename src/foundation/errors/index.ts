// Front door of the errors room.

export type {ErrorRow} from './catalogue/row.ts'
export {ERRORS, type ErrorCode} from './catalogue.ts'
export {Exit, type ExitName} from './exit.ts'
export {
  docsCommand,
  FAILURES,
  type FailureClass,
  type FailureRow,
  failureCode,
  failureDocs,
  RUNGS,
  type Rung,
  type Who,
} from './failure.ts'
export {type FarEnd, failureNext, isOfBothEnds, whoActs} from './failure-advice.ts'
export {goEscape, goQuote} from './go-quote.ts'
export {isTunnelError, messageOf, type OriginText, TunnelError, type TunnelErrorMore} from './tunnel-error.ts'
