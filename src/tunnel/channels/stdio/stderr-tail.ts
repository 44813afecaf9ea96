// Passes a child's stderr on unchanged and remembers its last lines: usually they say why it ended.

const LINES = 5
const LINE_BYTES = 400

/** Most bytes that wait for whoever reads our stderr; what a child says beyond is lost. */
const BACKLOG_BYTES = 4 * 1024 * 1024

/** Where it is passed on to. */
export interface StderrSink {
  write(chunk: Buffer): unknown
  readonly writableLength?: number
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
    // Only the end can matter; a flood is not decoded as a whole.
    const text = this.#partial + chunk.subarray(-LINES * LINE_BYTES * 4).toString('utf8')
    const lines = text.split(/\r?\n/)
    this.#partial = lines.pop()!.slice(-LINE_BYTES)
    this.#lines = [...this.#lines, ...lines.filter((line) => line.trim() !== '')].slice(-LINES)
  }

  /** The last lines, at most five of at most 400 characters. */
  lines(): readonly string[] {
    const all = this.#partial.trim() === '' ? this.#lines : [...this.#lines, this.#partial]
    return all.slice(-LINES).map((line) => (line.length > LINE_BYTES ? `${line.slice(0, LINE_BYTES)}…` : line))
  }
}
