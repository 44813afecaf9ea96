// Percentiles without keeping values: times fall into buckets that grow by a fifth, so that any percentile is right within
// ten per cent, from half a millisecond to a quarter of an hour, in 320 bytes.

const FIRST_MS = 0.5
const GROWTH = 1.2
const BUCKETS = 80
const LOG_GROWTH = Math.log(GROWTH)

/** A histogram of times. */
export class LatencyBuckets {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0

  /** Values so far. */
  get total(): number {
    return this.#total
  }

  add(ms: number): void {
    const index = ms <= FIRST_MS ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / FIRST_MS) / LOG_GROWTH))
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#total += 1
  }

  /** Adds what another one holds. */
  take(other: LatencyBuckets): void {
    for (let index = 0; index < BUCKETS; index++) {
      this.#counts[index] = (this.#counts[index] as number) + (other.#counts[index] as number)
    }
    this.#total += other.#total
  }

  /** The value below which that share (0 to 1) lies, in milliseconds; null without values. */
  percentile(share: number): number | null {
    if (this.#total === 0) return null
    const wanted = share * this.#total
    let seen = 0
    for (let index = 0; index < BUCKETS; index++) {
      const count = this.#counts[index] as number
      if (count === 0 || seen + count < wanted) {
        seen += count
        continue
      }
      const upper = FIRST_MS * GROWTH ** index
      const lower = index === 0 ? 0 : upper / GROWTH
      return lower + (upper - lower) * Math.max(0, (wanted - seen) / count)
    }
    return FIRST_MS * GROWTH ** (BUCKETS - 1)
  }

  clear(): void {
    if (this.#total === 0) return
    this.#counts.fill(0)
    this.#total = 0
  }
}
