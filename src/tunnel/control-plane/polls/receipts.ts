// Tells a service that wants to know it what became of our polls. An answer that was cut, garbled or replaced on its way has
// been handed over as far as the service can see; what was in it comes again once it is told.

/** One numbered poll. */
export interface NumberedPoll {
  readonly number: number
  /** Value of its `X-Tunnel-Poll`. */
  readonly header: string
  /** What it tells of. */
  readonly lost: readonly number[]
}

/** `read`: to its end, and from the service; `lost`: perhaps answered, but not so; `unsent`: nobody can have answered it. */
export type PollFate = 'read' | 'lost' | 'unsent'

/** More than five minutes of failures; the calls behind older ones are over. */
const MOST_LOST = 64

/** The polls of one client. */
export class PollReceipts {
  #last = 0
  readonly #open = new Set<number>()
  #lost: readonly number[] = []
  #isUntold = false

  /** Some poll was lost, and no poll since has told so. */
  get isUntold(): boolean {
    return this.#isUntold
  }

  /** A poll that begins now. */
  begin(): NumberedPoll {
    this.#last += 1
    const number = this.#last
    let header = String(number)
    if (this.#open.size > 0) header += `; open=${[...this.#open].join(',')}`
    if (this.#lost.length > 0) header += `; lost=${this.#lost.join(',')}`
    this.#open.add(number)
    this.#isUntold = false
    return {number, header, lost: this.#lost}
  }

  /** What became of it. Only the first fate counts, except that reading a poll to its end shows that it was told. */
  end({number, lost}: NumberedPoll, fate: PollFate): void {
    if (fate === 'read' && lost.length > 0) this.#lost = this.#lost.filter((one) => !lost.includes(one))
    if (!this.#open.delete(number)) return
    if (fate === 'lost') this.#lost = [...this.#lost, number].slice(-MOST_LOST)
    // Nor has it told what it was to tell.
    if (fate === 'lost' || (fate === 'unsent' && lost.length > 0)) this.#isUntold = true
  }

  /** True when the service was told, or will be, that the answer to this poll was lost. */
  isLost({number}: NumberedPoll): boolean {
    return !this.#open.has(number) && this.#lost.includes(number)
  }
}
