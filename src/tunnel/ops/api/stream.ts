// What `GET /api/stream` sends. Types only. Every frame has an `event:`, most have an `id:`; `data:` is one JSON document.

import type {StateDocument} from './state.ts'

/** The kinds of events; `?types=state,event` asks for some of them. */
export type StreamEventType = 'state' | 'call' | 'event'

/**
 * A record of the log, or a change of this daemon's life. `attrs` are scrubbed as they are in the log.
 */
export type LogEventDocument =
  | {
      readonly kind: 'log'
      /** Number of the record; rises by one. */
      readonly seq: number
      readonly at: string
      readonly level: string
      readonly message: string
      readonly attrs: Readonly<Record<string, unknown>>
    }
  | {
      readonly kind: 'lifecycle'
      readonly at: string
      /** `verdict`: it changed, `from` and `to` are its statuses. `end`: the daemon stops and this stream with it. */
      readonly name: 'verdict' | 'end'
      readonly from: string | null
      readonly to: string | null
      readonly sentence: string
    }

/**
 * Something was lost before this point: read `/api/state` (and `/api/calls`) again. `restarted`: the id that was given
 * belongs to another run of the daemon. `unknown_id`: it is no id of a stream. `overrun`: more happened than is kept.
 * `slow_reader`: this connection did not take what was sent.
 */
export interface GapDocument {
  readonly reason: 'restarted' | 'unknown_id' | 'overrun' | 'slow_reader'
  /** What may be missing. `state` never is: its newest version follows. */
  readonly types: readonly ('call' | 'event')[]
}

/** One frame by its `event:` name. The call's document is that of `/api/calls`. */
export interface StreamFrames<Call> {
  readonly state: StateDocument
  readonly call: Call
  readonly event: LogEventDocument
  readonly gap: GapDocument
}
