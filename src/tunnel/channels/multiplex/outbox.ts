// What waits to be written to a server: in order, as fast as it reads, and during the first handshake of its life only what
// belongs to that handshake.
//
// Python SDK 1.9 and 1.16 refuse every request between an `initialize`, also a later one, and the next `initialized` (-32602);
// 1.30, 2.3, FastMCP 4.2, go-sdk 1.8 and server-everything do not (measured). Later handshakes must not hold up other
// callers, so the outbox writes `initialized` right behind a later `initialize`: servers read both before anything else.

import type {OpenCall} from './call-table.ts'
import {INITIALIZED} from './session-memory.ts'

/** One message to write. */
export interface Letter {
  readonly bytes: Buffer
  readonly method: string | null
  /** The request that it is, or null. */
  readonly call: OpenCall | null
  /** A cancellation: it may not overtake this call. */
  readonly after: OpenCall | null
  /** It has been written. */
  onWritten(): void
}

/** Where letters go. `write` returns false when the other side does not keep up. */
export interface Port {
  write(bytes: Buffer): boolean
  /** Nothing more is read (true) or reading goes on; absent: the other side cannot be slowed down. */
  hold?(on: boolean): void
}

const MAX_WAITING_BYTES = 64 * 1024 * 1024
const MAX_WAITING = 20_000
/** Refusals among them are short; one that is dropped leaves the server waiting for it. */
const MAX_URGENT = 20_000
/** How long the first handshake may hold up other callers, in milliseconds. */
const GATE_MS = 2000

/** Callbacks of {@link Outbox}. */
export interface OutboxOptions {
  /** The first handshake has held up requests for as long as it may; they go next. */
  onGateTimeout(): void
  /** The first `initialized` was written to the present server. */
  onInitialized(): void
  /** True while nothing may be written but what takes a written call back. */
  mustRest(): boolean
}

/** The queue in front of one server. */
export class Outbox {
  #port: Port | null = null
  #congested = false
  #paused = false
  #urgent: Letter[] = []
  #waiting: Letter[] = []
  #held: Letter[] = []
  #bytes = 0
  #places = 0
  #gate: {call: OpenCall; timer: NodeJS.Timeout} | null = null
  /** An `initialize` was written to the present server. */
  #isOpened = false
  #isInitialized = false
  readonly #options: OutboxOptions

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** The present server has received `initialized`. */
  get isInitialized(): boolean {
    return this.#isInitialized
  }

  /** False when more waits than may wait; the letter is not taken then. A single large one always is. */
  post(letter: Letter): boolean {
    const tooMuch = this.#bytes > 0 && this.#bytes + letter.bytes.length > MAX_WAITING_BYTES
    if (tooMuch || this.#waiting.length + this.#held.length >= MAX_WAITING) return false
    this.#bytes += letter.bytes.length
    this.#waiting.push(letter)
    this.flush()
    return true
  }

  /**
   * Goes before everything that waits, and through the gate: our answers, cancellations of written calls. False when no
   * server is there, or it reads nothing of ours.
   */
  postUrgent(letter: Letter): boolean {
    if (this.#port === null || this.#urgent.length >= MAX_URGENT) return false
    this.#urgent.push(letter)
    this.flush()
    return true
  }

  /** Writes what is neither a call of somebody nor waits for one, before everything that waits. See {@link postUrgent}. */
  say(bytes: Buffer, about: {readonly method?: string; readonly onWritten?: () => void} = {}): boolean {
    const {method = null, onWritten = () => {}} = about
    return this.postUrgent({bytes, method, call: null, after: null, onWritten})
  }

  /** Takes a call that was not written back. */
  withdraw(call: OpenCall): void {
    const keep = (letter: Letter): boolean => {
      if (letter.call !== call) return true
      this.#bytes -= letter.bytes.length
      return false
    }
    this.#waiting = this.#waiting.filter(keep)
    this.#held = this.#held.filter(keep)
  }

  /** A server is there. With `paused` only urgent letters go until {@link release}. */
  open(port: Port, paused: boolean): void {
    this.#port = port
    this.#congested = false
    this.#isOpened = false
    this.#isInitialized = false
    this.#paused = paused
    this.flush()
  }

  release(): void {
    this.#paused = false
    this.flush()
  }

  /** The server is gone: what is not written waits for the next one. */
  close(): void {
    this.#port = null
    this.#urgent = []
    this.openGate()
  }

  /** The server reads again. */
  drained(): void {
    this.#congested = false
    this.flush()
  }

  /** The handshake is over, one way or the other. With a call: only if it was that call's handshake. */
  openGate(call?: OpenCall): void {
    if (this.#gate === null || (call !== undefined && this.#gate.call !== call)) return
    clearTimeout(this.#gate.timer)
    this.#gate = null
    this.#waiting = [...this.#held, ...this.#waiting]
    this.#held = []
    this.flush()
  }

  /** Writes what may be written now. */
  flush(): void {
    while (this.#port !== null && !this.#congested) {
      const letter = this.#urgent.shift() ?? this.#nextWaiting()
      if (letter === undefined) return
      // Written already, right behind the `initialize` that it belongs to.
      if (this.#isInitialized && letter.method === 'notifications/initialized') {
        letter.onWritten()
        continue
      }
      this.#congested = !this.#port.write(letter.bytes)
      if (letter.call !== null) {
        letter.call.written = true
        letter.call.place = ++this.#places
      }
      if (letter.method === 'initialize' && letter.call !== null) this.#opened(letter.call, this.#port)
      letter.onWritten()
      if (letter.method === 'notifications/initialized') this.#initialized()
    }
  }

  /** An `initialize` was written: the first one of callers closes the gate, a later one is completed at once. */
  #opened(call: OpenCall, port: Port): void {
    const isFirst = !this.#isOpened
    this.#isOpened = true
    // While our own replay is under way, callers wait anyway.
    if (call.own) return
    if (isFirst) {
      this.#gate = {call, timer: setTimeout(() => this.#endGate(call), GATE_MS).unref()}
      return
    }
    this.#congested = !port.write(INITIALIZED)
    this.#initialized()
  }

  #initialized(): void {
    const isFirst = !this.#isInitialized
    this.#isInitialized = true
    if (isFirst) this.#options.onInitialized()
    this.openGate()
  }

  #nextWaiting(): Letter | undefined {
    if (this.#paused) return undefined
    for (let letter = this.#take(); letter !== undefined; letter = this.#take()) {
      if (this.#gate !== null && this.#mustWait(letter)) {
        this.#held.push(letter)
        continue
      }
      this.#bytes -= letter.bytes.length
      if (letter.after === null || letter.after.written) return letter
      // The call was taken back before it was written: there is nothing to cancel.
      letter.onWritten()
    }
    return undefined
  }

  #take(): Letter | undefined {
    if (!this.#options.mustRest()) return this.#waiting.shift()
    const at = this.#waiting.findIndex(({after}) => after?.written === true)
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]
  }

  #mustWait(letter: Letter): boolean {
    if (letter.call !== null) return letter.method !== 'ping'
    return letter.after !== null && !letter.after.written
  }

  #holdsCalls(): boolean {
    return this.#held.some(({call}) => call !== null)
  }

  #endGate(call: OpenCall): void {
    if (this.#holdsCalls()) this.#options.onGateTimeout()
    this.openGate(call)
  }
}
