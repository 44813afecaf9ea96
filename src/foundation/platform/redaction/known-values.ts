// Finds values that must not be shown in a text, in one pass: every output of a process goes through here, so the time
// depends on the length of the text and not on the number of values.

/** Stands where a value was. */
export const REDACTED = '[REDACTED]'

/** Shorter values are ordinary words ("on", "blue"): replacing them would garble texts and protect nothing. */
const MIN_LENGTH = 8
/** Tokens of this length are also found when only their beginning is quoted. */
const MIN_PREFIXED_LENGTH = 20
const PREFIX_LENGTH = 16
/** Several words, addresses and media types: their beginnings say nothing secret and occur elsewhere. */
const COMMON_START = /\s|:\/\/|^(?:application|text)\//
const TABLE_SIZE = 1 << 13
const FACTOR = 31
/** FACTOR to the power of MIN_LENGTH: takes the first character out of a rolling hash. */
const FIRST = Array.from({length: MIN_LENGTH}).reduce<number>((product) => Math.imul(product, FACTOR), 1)
/** Beyond this many needles the oldest are forgotten, so that a process that makes secrets for years stays small. */
const MAX_NEEDLES = 20_000

interface Needle {
  readonly text: string
  /** So many characters have to agree. */
  readonly enough: number
}

/** A set of needles, and their removal from texts. */
export class KnownValues {
  readonly #needles = new Map<string, Needle>()
  /** Needles by the hash of their first characters. */
  #table: (Needle[] | undefined)[] | null = null

  /** Adds a needle as it stands; the callers add its spellings. */
  add(text: string): void {
    if (text.length < MIN_LENGTH || this.#needles.has(text)) return
    const enough = text.length >= MIN_PREFIXED_LENGTH && !COMMON_START.test(text) ? PREFIX_LENGTH : text.length
    this.#needles.set(text, {text, enough})
    const oldest = this.#needles.size > MAX_NEEDLES ? this.#needles.keys().next() : null
    if (oldest && !oldest.done) this.#needles.delete(oldest.value)
    this.#table = null
  }

  /** The text with {@link REDACTED} in place of every needle and of every beginning of a long one. */
  redact(text: string): string {
    if (text.length < MIN_LENGTH || this.#needles.size === 0) return text
    this.#table ??= tableOf(this.#needles.values())
    const table = this.#table
    let out = ''
    let kept = 0
    let hash = hashOfStart(text)
    for (let at = 0; at + MIN_LENGTH <= text.length; at++) {
      const candidates = at < kept ? undefined : table[slotOf(hash)]
      const length = candidates === undefined ? 0 : longestMatch(text, at, candidates)
      if (length > 0) {
        out += text.slice(kept, at) + REDACTED
        kept = at + length
      }
      hash = (Math.imul(hash, FACTOR) + text.charCodeAt(at + MIN_LENGTH) - Math.imul(FIRST, text.charCodeAt(at))) | 0
    }
    return kept === 0 ? text : out + text.slice(kept)
  }
}

function tableOf(needles: Iterable<Needle>): (Needle[] | undefined)[] {
  const table = new Array<Needle[] | undefined>(TABLE_SIZE).fill(undefined)
  for (const needle of needles) {
    const slot = slotOf(hashOfStart(needle.text))
    table[slot] = [...(table[slot] ?? []), needle]
  }
  return table
}

function hashOfStart(text: string): number {
  let hash = 0
  for (let at = 0; at < MIN_LENGTH; at++) hash = (Math.imul(hash, FACTOR) + text.charCodeAt(at)) | 0
  return hash
}

const slotOf = (hash: number): number => (hash ^ (hash >>> 13)) & (TABLE_SIZE - 1)

/** Length of the longest needle, or of the longest beginning that is enough, at this place; 0 when there is none. */
function longestMatch(text: string, at: number, candidates: readonly Needle[]): number {
  let longest = 0
  for (const {text: needle, enough} of candidates) {
    const most = Math.min(needle.length, text.length - at)
    let length = 0
    while (length < most && text.charCodeAt(at + length) === needle.charCodeAt(length)) length++
    if (length >= enough && length > longest) longest = length
  }
  return longest
}
