// Passes a child's stderr on unchanged and remembers its last lines: usually they say why it ended.

const LINES = 5
const LINE_BYTES = 400

/** The last words of a child. */
export class StderrTail {
  readonly #pass: {write(chunk: Buffer): unknown}
  #lines: string[] = []
  #partial = ''

  constructor(pass: {write(chunk: Buffer): unknown}) {
    this.#pass = pass
  }

  push(chunk: Buffer): void {
    this.#pass.write(chunk)
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
