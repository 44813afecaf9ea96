// Passes a child's stderr on unchanged and remembers its last lines: usually they say why it ended. Whoever shows them masks
// secrets first and cuts then, so nothing is cut here that a secret could begin or end in.

const LINES = 5
/** Longer lines are cut, in characters. Nobody shows that much. */
const KEPT = 4096
/** What is looked at of a flood, in bytes. */
const WINDOW = LINES * KEPT

/** Most bytes that wait for whoever reads our stderr; what a child says beyond is lost. */
const BACKLOG_BYTES = 4 * 1024 * 1024

/** Where it is passed on to. */
export interface StderrSink {
  write(chunk: Buffer): unknown
  /** The child has closed its stderr: what was held back is passed on. */
  flush?(): void
  readonly writableLength?: number
}

const ignore = (): void => {}

/** The stderr of this process. That its reader has gone, or its disk is full, must not end us: it is only passed on to. */
export function ownStderr(): StderrSink {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore)
  return process.stderr
}

/** The last words of a child. */
export class StderrTail {
  readonly #pass: StderrSink
  #lines: string[] = []
  #partial = ''

  constructor(pass: StderrSink) {
    this.#pass = pass
  }

  push(chunk: Buffer): void {
    if ((this.#pass.writableLength ?? 0) <= BACKLOG_BYTES) this.#pass.write(chunk)
    const isFlood = chunk.length > WINDOW
    const text = chunk.subarray(-WINDOW).toString('utf8')
    // Only the end can matter; a flood is not decoded as a whole, and the line that the window begins in is left out.
    const begin = isFlood ? text.indexOf('\n') + 1 : 0
    if (isFlood && begin === 0) return
    const lines = `${isFlood ? '' : this.#partial}${text.slice(begin)}`.split(/\r?\n/)
    // One character more tells that there was more.
    this.#partial = lines.pop()!.slice(0, KEPT + 1)
    const whole = lines.filter((line) => line.trim() !== '').map((line) => line.slice(0, KEPT + 1))
    this.#lines = [...this.#lines, ...whole].slice(-LINES)
  }

  /** The child has closed its stderr. */
  end(): void {
    this.#pass.flush?.()
  }

  /** The last lines, at most five of at most 4096 characters. They may hold secrets. */
  lines(): readonly string[] {
    const all = this.#partial.trim() === '' ? this.#lines : [...this.#lines, this.#partial]
    return all
      .slice(-LINES)
      .map((line) => (line.length > KEPT ? `${line.slice(0, KEPT).replace(LAST_WORD, '')}…` : line))
  }
}

const LAST_WORD = /\S{1,512}$/
