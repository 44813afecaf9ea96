// One connection of the event stream: a place in the rings and the rule how much may lie in the socket. What does not fit
// is not kept: the place stays, and when the socket has drained the reader goes on from there, or hears what it missed.

import type {ServerResponse} from 'node:http'
import type {GapDocument, StreamEventType} from '../api/index.ts'

/** The frames of one ring. */
export interface RingFrames {
  readonly type: 'call' | 'event'
  /** Newest id that is no longer kept. */
  forgotten(): number
  after(id: number): number
  idAt(position: number): number
  /** Empty: to be left out. */
  frameAt(position: number): string
  dropFrames(): void
}

/** What a reader works with. */
export interface StreamReaderOptions {
  readonly response: ServerResponse
  readonly types: ReadonlySet<StreamEventType>
  /** Id of the last event that it has. */
  readonly place: number
  /** To be told first. */
  readonly gap: GapDocument['reason'] | null
  /** It knows the present state. */
  readonly hasState: boolean
  /** Those that it wants. */
  readonly rings: readonly RingFrames[]
  readonly idText: (id: number) => string
  readonly lastId: () => number
  readonly stateId: () => number
  readonly makeState: () => string
  readonly onGone: () => void
}

/** Most characters that may wait in the socket, and that are made at once. */
const MOST_PENDING = 256 * 1024
const BATCH = 64 * 1024
/** A reader that has taken nothing for this long makes room for others. */
const STALLED_MS = 300_000

/** One reader. */
export class StreamReader {
  readonly #options: StreamReaderOptions
  #place: number
  #stateSent: number
  #gap: GapDocument['reason'] | null
  /** Newest forgotten id that this reader has been told of, of each ring. */
  readonly #told: number[]
  /** When the socket stopped taking; null: it takes. */
  #blockedAt: number | null = null
  #wasBlocked = false
  #gone = false

  constructor(options: StreamReaderOptions) {
    this.#options = options
    this.#place = options.place
    this.#gap = options.gap
    this.#stateSent = options.hasState ? options.stateId() : -1
    this.#told = options.rings.map(() => 0)
    const {response} = options
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    response.on('drain', () => {
      this.#blockedAt = null
      this.flush(options.makeState)
    })
    response.on('close', () => this.#left())
    response.on('error', () => this.#left())
    // With an id from the first moment, a reader that loses its connection before any event misses nothing.
    response.write(`id: ${options.idText(this.#place)}\nretry: 1000\n\n`)
  }

  /** Sends what has happened since, as much as the socket takes. `state` gives the frame of the present state. */
  flush(state: () => string): void {
    while (!this.#gone && this.#blockedAt === null) {
      const text = this.#batch(state)
      if (text === '') return
      this.#write(text)
    }
  }

  /** Keeps the connection alive; one that takes nothing gets nothing, and goes in the end. */
  beat(): void {
    if (this.#blockedAt === null) this.#write(': ping\n\n')
    else if (performance.now() - this.#blockedAt > STALLED_MS) this.#options.response.destroy()
  }

  /** Sends what is left, as much as fits, and ends the response. */
  end(): void {
    this.flush(this.#options.makeState)
    if (this.#gone) return
    const {response} = this.#options
    if (this.#blockedAt === null) response.end()
    else response.destroy()
    this.#left()
  }

  #write(text: string): void {
    const {response} = this.#options
    if (response.write(text) || response.writableLength < MOST_PENDING) return
    this.#blockedAt = performance.now()
    this.#wasBlocked = true
  }

  /** The next frames; empty when there is nothing new. */
  #batch(state: () => string): string {
    const {types, stateId, rings, lastId} = this.#options
    let text = this.#gaps()
    if (types.has('state') && this.#stateSent < stateId()) {
      this.#stateSent = stateId()
      text += state()
    }
    const positions = rings.map((ring) => ring.after(this.#place))
    while (text.length < BATCH) {
      let oldest = -1
      let id = Number.POSITIVE_INFINITY
      for (let index = 0; index < rings.length; index++) {
        const candidate = (rings[index] as RingFrames).idAt(positions[index] as number)
        if (candidate >= id) continue
        id = candidate
        oldest = index
      }
      if (oldest === -1) {
        this.#place = lastId()
        this.#wasBlocked = false
        return text
      }
      text += (rings[oldest] as RingFrames).frameAt(positions[oldest] as number)
      positions[oldest] = (positions[oldest] as number) + 1
      this.#place = id
    }
    return text
  }

  /** What this reader has missed and not heard of. */
  #gaps(): string {
    const {rings, types} = this.#options
    let text = ''
    if (this.#gap !== null) {
      text += gapFrame({reason: this.#gap, types: (['call', 'event'] as const).filter((type) => types.has(type))})
      this.#gap = null
      for (const [index, ring] of rings.entries()) this.#told[index] = ring.forgotten()
    }
    const overrun = new Set<'call' | 'event'>()
    for (const [index, ring] of rings.entries()) {
      const forgotten = ring.forgotten()
      if (forgotten <= Math.max(this.#place, this.#told[index] as number)) continue
      this.#told[index] = forgotten
      overrun.add(ring.type)
    }
    if (overrun.size === 0) return text
    return text + gapFrame({reason: this.#wasBlocked ? 'slow_reader' : 'overrun', types: [...overrun]})
  }

  #left(): void {
    if (this.#gone) return
    this.#gone = true
    this.#options.onGone()
  }
}

const gapFrame = (gap: GapDocument): string => `event: gap\ndata: ${JSON.stringify(gap)}\n\n`
