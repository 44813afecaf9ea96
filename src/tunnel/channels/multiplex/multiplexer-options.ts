// What a multiplexer is given and whom it tells.

import type {Clock, Logger} from '../../../foundation/platform/index.ts'
import type {ServerIdentity} from '../channel.ts'
import type {ReceiptBook} from '../receipt/protocol-receipt.ts'

/** What a multiplexer works with. */
export interface MultiplexerOptions {
  readonly log: Logger
  readonly clock: Clock
  /** One call at a time. */
  readonly serial?: boolean
  /** How long a task's progress token outlives its call, in milliseconds. */
  readonly taskTtl: number
  /** The server said something; `answer`: it answered a call of a caller. */
  onLife(answer: boolean): void
  /** The time of a call was over before the server had answered it. */
  onSilence(): void
  /** It introduced itself in the answer to a handshake, a caller's or a replayed one. */
  onServer(server: ServerIdentity): void
  /** Notes what the server says of itself. */
  readonly receipts?: ReceiptBook
  /** It said something that is no JSON-RPC message. */
  onGarbage(bytes: Buffer): void
}
