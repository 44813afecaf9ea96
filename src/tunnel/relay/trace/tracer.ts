// Opens a trace for every command that is taken. One clock reading per poll answer turns all its instants into wall time.

import {createHash, randomBytes} from 'node:crypto'
import type {Clock} from '../../../foundation/platform/index.ts'
import {headerOf, type PolledCommand} from '../../../foundation/wire/index.ts'
import type {TransportKind} from '../../channels/index.ts'
import type {RequestKind} from '../types.ts'
import {CallRecord, type TraceSubject} from './call-record.ts'
import {idLabel, label, toolOf} from './labels.ts'

/** Longer session ids are kept as a hash, so that a trace stays small. */
const MOST_SESSION_CHARS = 256
const HASH_CHARS = 12

/** Makes the traces of one relay. */
export class Tracer {
  readonly #clock: Clock
  /** A hash must not be comparable with that of another process, nor be found by trying ids. */
  readonly #salt = randomBytes(16)
  readonly #shared: {skew: number; hash: (sessionId: string) => string}

  constructor(clock: Clock) {
    this.#clock = clock
    this.#shared = {skew: 0, hash: (sessionId) => this.#digest(sessionId).slice(0, HASH_CHARS)}
  }

  /** A poll answer is here. Returns the wall clock. */
  arrive(): number {
    const wall = this.#clock.wall()
    this.#shared.skew = wall - this.#clock.now()
    return wall
  }

  /** The trace of a command; `transport` is that of its channel, null where there is none. */
  open(command: PolledCommand, kind: RequestKind, transport: TransportKind | null): CallRecord {
    const record = new CallRecord(command, this.#shared)
    record.kind = kind
    record.transport = transport
    const session = headerOf(command.headers, 'mcp-session-id')
    if (session !== null && session !== '') {
      record.belongsTo(session.length <= MOST_SESSION_CHARS ? session : this.#digest(session))
    }
    if (command.type !== 'jsonrpc') return record
    const {message} = command
    record.requestBytes = message.raw.length
    if (message.id !== null) record.rpcId = idLabel(message.id)
    if (message.method !== null) record.method = label(message.method)
    record.tool = toolOf(message)
    return record
  }

  /** The trace of a command that cannot be run. */
  openRejected(subject: TraceSubject, kind: RequestKind, rpcId: string | null): CallRecord {
    const record = new CallRecord(subject, this.#shared)
    record.kind = kind
    if (rpcId !== null) record.rpcId = idLabel(rpcId)
    return record
  }

  #digest(sessionId: string): string {
    return createHash('sha256').update(this.#salt).update(sessionId).digest('hex')
  }
}
