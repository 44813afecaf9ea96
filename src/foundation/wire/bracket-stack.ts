// Which brackets are open, one bit for each: whoever sends a hundred million of them must not be able to fill our memory
// with a list that is eight times as long as his text.

const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d
/** A word holds sixteen levels: a power of two that fits a small integer. */
const WITHIN_WORD = 15

/** The open brackets of a JSON text, innermost last. */
export class BracketStack {
  /** How many are open. */
  depth = 0
  /** Of the innermost levels: a set bit is a brace. */
  #word = 0
  /** Full words of the levels further out; hardly any text has some. */
  #outer: number[] | null = null

  /** One opens: `{` when `brace`, else `[`. */
  push(brace: boolean): void {
    if ((this.depth & WITHIN_WORD) === 0 && this.depth > 0) this.#save()
    this.#word = (this.#word << 1) | (brace ? 1 : 0)
    this.depth++
  }

  /** The byte that closes the innermost one; 0 when none is open. */
  get top(): number {
    if (this.depth === 0) return 0
    return (this.#word & 1) === 1 ? CLOSE_BRACE : CLOSE_BRACKET
  }

  /** Takes the innermost one away, and returns the byte that closes it; 0 when none is open. */
  pop(): number {
    if (this.depth === 0) return 0
    const closing = (this.#word & 1) === 1 ? CLOSE_BRACE : CLOSE_BRACKET
    this.#word >>= 1
    this.depth--
    if ((this.depth & WITHIN_WORD) === 0 && this.depth > 0) this.#word = this.#outer!.pop()!
    return closing
  }

  #save(): void {
    this.#outer ??= []
    this.#outer.push(this.#word)
    this.#word = 0
  }
}
