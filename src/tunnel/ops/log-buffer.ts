// The last records of this process, for operators who come after something happened. Bounded, scrubbed by the writer.

import type {LogRecord} from '../../foundation/platform/index.ts'

/** A record with its number. Numbers rise by one, so that a reader notices a gap. */
export interface LogEvent {
  readonly seq: number
  readonly record: LogRecord
}

/** A ring of log records. */
export interface LogBuffer {
  readonly capacity: number
  push(record: LogRecord): void
  /** The newest `limit` records, oldest first. */
  newest(limit: number): LogEvent[]
  /** Calls back for every record from now on; returns its removal. */
  watch(listener: (event: LogEvent) => void): () => void
}

/** An empty ring that keeps `capacity` records (config admin_ui.log_buffer_events). */
export function createLogBuffer(capacity: number): LogBuffer {
  const ring: LogEvent[] = []
  const listeners = new Set<(event: LogEvent) => void>()
  let seq = 0
  return {
    capacity,
    push: (record) => {
      const event = {seq: ++seq, record}
      ring[(seq - 1) % capacity] = event
      for (const listener of listeners) listener(event)
    },
    newest: (limit) => {
      const count = Math.min(limit, ring.length)
      return Array.from({length: count}, (_, index) => ring[(seq - count + index) % capacity] as LogEvent)
    },
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
