// The time of one call and its slot: it holds one while the server owes work, not while its caller is asked something, and
// its TTL counts that time only.

import type {Instant, Timer} from '../../../foundation/platform/index.ts'
import type {Core} from '../core.ts'
import type {Ledger} from '../ledger.ts'

/** What holds the slots. */
export interface Slots {
  releaseSlot(): void
  retakeSlot(): void
}

/** Who holds a lease. */
export interface LeaseHolder {
  readonly needsSlot: boolean
  /** An open-ended subscription: always parked, no TTL. */
  readonly isListen: boolean
  readonly to: {readonly deadline: Instant | null}
  /** The deadline or the TTL is there. */
  onTimer(): void
}

/** What a lease is made from. */
export interface LeaseOptions {
  readonly core: Core
  /** Told when the call waits for its caller, and when no longer; it refuses when no more calls may wait. */
  readonly ledger: Pick<Ledger, 'park'>
  readonly slots: Slots
  readonly holder: LeaseHolder
}

/** The time and the slot of one call. */
export class Lease {
  /** It waits for somebody else than the server. */
  isParked: boolean
  readonly #core: Core
  readonly #ledger: Pick<Ledger, 'park'>
  readonly #slots: Slots
  readonly #holder: LeaseHolder
  #timer: Timer | null = null
  #holdsSlot = false
  /** The end of its TTL; while it is parked, what is left of it. */
  #ttl = Number.POSITIVE_INFINITY

  constructor({core, ledger, slots, holder}: LeaseOptions) {
    this.#core = core
    this.#ledger = ledger
    this.#slots = slots
    this.#holder = holder
    this.isParked = holder.isListen
  }

  /** It waits in the lane: only its deadline can hurry it. */
  wait(): void {
    this.#arm(Number.POSITIVE_INFINITY)
  }

  /** It starts; its slot is taken already. */
  begin(now: Instant): void {
    const {isListen, needsSlot} = this.#holder
    this.#holdsSlot = needsSlot
    if (!isListen) this.#ttl = now + this.#core.limits.connectionMaxTtl
    this.#arm(this.#ttl)
  }

  /** The caller is asked something: the slot is for others, and the TTL stands still. False: no more calls may wait. */
  park(): boolean {
    if (this.#holder.isListen) return true
    if (!this.#ledger.park(true)) return false
    this.isParked = true
    this.#ttl -= this.#core.clock.now()
    this.#arm(Number.POSITIVE_INFINITY)
    this.releaseSlot()
    return true
  }

  /** The caller has answered: the server works again. */
  unpark(): void {
    const {isListen, needsSlot} = this.#holder
    if (isListen) return
    this.#leavePark()
    this.#ttl += this.#core.clock.now()
    this.#arm(this.#ttl)
    this.#holdsSlot = needsSlot
    if (needsSlot) this.#slots.retakeSlot()
  }

  /** No time counts any more. The slot is kept, see {@link releaseSlot}. */
  end(): void {
    if (this.#timer !== null) this.#core.wheel.clear(this.#timer)
    this.#timer = null
    this.#leavePark()
  }

  /** The server owes nothing any more. */
  releaseSlot(): void {
    if (!this.#holdsSlot) return
    this.#holdsSlot = false
    this.#slots.releaseSlot()
  }

  #leavePark(): void {
    if (!this.isParked || this.#holder.isListen) return
    this.isParked = false
    this.#ledger.park(false)
  }

  /** The deadline or `until` ends it, whichever comes first. */
  #arm(until: Instant): void {
    const {wheel} = this.#core
    if (this.#timer !== null) wheel.clear(this.#timer)
    const end = Math.min(this.#holder.to.deadline ?? Number.POSITIVE_INFINITY, until)
    this.#timer = Number.isFinite(end) ? wheel.at(end, () => this.#holder.onTimer()) : null
  }
}
