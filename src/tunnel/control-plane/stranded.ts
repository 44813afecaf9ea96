// Answers that found nobody there wait longer and longer for their next attempt, and callers wait with them. The first sign
// that somebody answers again sends them at once.

/** One attempt that waits. */
export interface StrandedAttempt {
  goNow(): void
}

/** The attempts of one client. Empty but for outages, so a Set is no burden. */
export class Stranded {
  readonly #attempts = new Set<StrandedAttempt>()

  add(attempt: StrandedAttempt): void {
    this.#attempts.add(attempt)
  }

  delete(attempt: StrandedAttempt): void {
    this.#attempts.delete(attempt)
  }

  /** Somebody answered. */
  rescue(): void {
    if (this.#attempts.size === 0) return
    const attempts = [...this.#attempts]
    this.#attempts.clear()
    for (const attempt of attempts) attempt.goNow()
  }
}
