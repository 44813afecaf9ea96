// The event stream of the operator API. Events lie in rings; a reader is a place in them, not a queue. So a reader that
// stands still costs nothing: when it reads again and its place has been overrun, it is told of the gap.

import type {ServerResponse} from 'node:http'
import {printableJson, redactSecrets} from '../../../foundation/platform/index.ts'
import type {GapDocument, LogEventDocument, StateDocument, StreamEventType} from '../api/index.ts'
import {EventRing} from './event-ring.ts'
import {type RingFrames, StreamReader} from './stream-reader.ts'

/** What a hub needs. */
export interface StreamHubOptions<Call> {
  /** Marks ids of this run, so that those of an earlier one are recognised. Letters and digits. */
  readonly run: string
  /** The present state; asked for only while somebody reads. */
  readonly state: () => StateDocument
  /** A call's document as it stands; asked for only while somebody reads. Null: leave this event out. */
  readonly call: (call: Call, phase: CallPhase) => unknown
}

/** Which of a call's two events it is. */
export type CallPhase = 'started' | 'finished'

/** How a reader asked. */
export interface StreamRequest {
  readonly response: ServerResponse
  /** Value of Last-Event-ID or of `?after=`; null: from now on. */
  readonly after: string | null
  readonly types: ReadonlySet<StreamEventType>
}

/** The stream of one daemon. */
export interface StreamHub<Call> {
  /** Something in the state has changed that readers want to see. */
  stateChanged(): void
  /** Cheap without readers: a start is not even kept then. */
  call(call: Call, phase: CallPhase): void
  event(event: LogEventDocument): void
  /** Takes a response over. False: there are too many readers, or the stream has ended. */
  attach(request: StreamRequest): boolean
  /** Id of the newest event, as `?after=` takes it. */
  lastId(): string
  readers(): number
  /** Ends every response. */
  close(): void
}

const MOST_READERS = 16
const KEPT_CALLS = 2048
const KEPT_STARTS = 512
const KEPT_EVENTS = 1024
/** Events are collected this long before they are sent, in milliseconds. */
const GATHER_MS = 25
const HEARTBEAT_MS = 15_000

/** A hub without readers: events are remembered, nothing is serialised and no timer runs. */
export function createStreamHub<Call>(options: StreamHubOptions<Call>): StreamHub<Call> {
  const starts = new EventRing<Call>(KEPT_STARTS)
  const ends = new EventRing<Call>(KEPT_CALLS)
  const events = new EventRing<LogEventDocument>(KEPT_EVENTS)
  const readers = new Set<StreamReader>()
  let lastId = 0
  let stateId = 0
  let gathering: NodeJS.Timeout | null = null
  let heartbeat: NodeJS.Timeout | null = null
  let closed = false

  const idText = (id: number): string => `${options.run}-${id}`
  const frame = (id: number, type: StreamEventType, document: unknown): string =>
    document === null ? '' : `id: ${idText(id)}\nevent: ${type}\ndata: ${redactSecrets(printableJson(document))}\n\n`
  const rings: readonly RingFrames[] = [
    // A start that was overrun is no loss: the end of that call is a later event.
    {...ring('call', starts, (call, id) => frame(id, 'call', options.call(call, 'started'))), forgotten: () => 0},
    ring('call', ends, (call, id) => frame(id, 'call', options.call(call, 'finished'))),
    ring('event', events, (event, id) => frame(id, 'event', event)),
  ]
  /** Made once for all readers of a round. */
  let stateText: string | null = null
  const makeState = (): string => `event: state\ndata: ${redactSecrets(printableJson(options.state()))}\n\n`
  const flush = (): void => {
    gathering = null
    stateText = null
    for (const reader of readers) {
      reader.flush(() => {
        stateText ??= makeState()
        return stateText
      })
    }
    stateText = null
  }
  const soon = (): void => {
    if (readers.size > 0) gathering ??= setTimeout(flush, GATHER_MS)
  }
  const left = (reader: StreamReader): void => {
    readers.delete(reader)
    if (readers.size > 0) return
    if (heartbeat !== null) clearInterval(heartbeat)
    if (gathering !== null) clearTimeout(gathering)
    heartbeat = null
    gathering = null
    for (const {dropFrames} of rings) dropFrames()
  }
  const beat = (): void => {
    for (const reader of readers) reader.beat()
  }
  const placeOf = (after: string | null): {readonly id: number; readonly gap: GapDocument['reason'] | null} => {
    if (after === null) return {id: lastId, gap: null}
    const [, run, digits] = /^([a-z0-9]+)-(\d{1,15})$/i.exec(after) ?? []
    if (run === undefined) return {id: lastId, gap: 'unknown_id'}
    const id = Number(digits)
    if (run !== options.run) return {id: 0, gap: 'restarted'}
    return id <= lastId ? {id, gap: null} : {id: lastId, gap: 'unknown_id'}
  }

  return {
    stateChanged: () => {
      stateId = ++lastId
      soon()
    },
    call: (call, phase) => {
      if (phase === 'finished') ends.push(++lastId, call)
      else if (readers.size > 0) starts.push(++lastId, call)
      else return
      soon()
    },
    event: (event) => {
      events.push(++lastId, event)
      soon()
    },
    attach: ({response, after, types}) => {
      if (closed || readers.size >= MOST_READERS) return false
      const {id, gap} = placeOf(after)
      const reader = new StreamReader({
        response,
        types,
        place: id,
        gap,
        // Whoever continues gets the state only when it has changed; whoever comes new gets it first.
        hasState: after !== null && gap === null && stateId <= id,
        rings: rings.filter((one) => types.has(one.type)),
        idText,
        lastId: () => lastId,
        stateId: () => stateId,
        onGone: () => left(reader),
        makeState,
      })
      readers.add(reader)
      heartbeat ??= setInterval(beat, HEARTBEAT_MS).unref()
      reader.flush(makeState)
      return true
    },
    lastId: () => idText(lastId),
    readers: () => readers.size,
    close: () => {
      closed = true
      for (const reader of [...readers]) reader.end()
    },
  }
}

/** A ring as readers see it. */
function ring<T>(type: 'call' | 'event', kept: EventRing<T>, make: (value: T, id: number) => string): RingFrames {
  return {
    type,
    forgotten: () => kept.forgotten,
    after: (id) => kept.after(id),
    idAt: (position) => kept.idAt(position),
    frameAt: (position) => kept.frameAt(position, make),
    dropFrames: () => kept.dropFrames(),
  }
}
