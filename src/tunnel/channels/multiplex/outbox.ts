// What waits to be written to a server: in order, as fast as it reads, and while somebody shakes hands with it only what
// belongs to that handshake. Python servers refuse everything else between `initialize` and `initialized`.

import type {OpenCall} from './call-table.ts'

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
/** How long a handshake may hold up the others, in milliseconds. */
const GATE_MS = 2000
/** The same once it is answered, when the server has been through one before: callers that never end theirs come often. */
const NEXT_GATE_MS = 100

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
  /** The present server has been told that a handshake is over. */
  #isInitialized = false
  readonly #onImpatience: () => void
  readonly #mustRest: () => boolean

  /**
   * `onImpatience`: a handshake has held up requests for as long as it may; they go next. `mustRest`: nothing may go now but
   * what takes a written call back.
   */
  constructor(onImpatience: () => void, mustRest: () => boolean) {
    this.#onImpatience = onImpatience
    this.#mustRest = mustRest
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

  /** The server has taken the handshake of this call, and waits for the end of it: not for long when it is not its first. */
  shaken(call: OpenCall): void {
    if (!this.#isInitialized || this.#gate?.call !== call) return
    clearTimeout(this.#gate.timer)
    if (this.#holdsCalls()) this.#endGate(call)
    else this.#closeGate(call, NEXT_GATE_MS)
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
      this.#congested = !this.#port.write(letter.bytes)
      if (letter.call !== null) {
        letter.call.written = true
        letter.call.place = ++this.#places
      }
      if (letter.method === 'initialize' && letter.call !== null && !letter.call.own)
        this.#closeGate(letter.call, GATE_MS)
      letter.onWritten()
      if (letter.method === 'notifications/initialized') {
        this.#isInitialized = true
        this.openGate()
      }
    }
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
    if (!this.#mustRest()) return this.#waiting.shift()
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

  #closeGate(call: OpenCall, ms: number): void {
    this.#gate = {call, timer: setTimeout(() => this.#endGate(call), ms).unref()}
  }

  #endGate(call: OpenCall): void {
    if (this.#holdsCalls()) this.#onImpatience()
    this.openGate(call)
  }
}
