// The newest events of one kind, with their ids and, once somebody has read them, their frames. A full ring forgets the
// oldest and remembers that it did.

/** A ring of `capacity` events. Ids rise, not necessarily by one. Positions rise by one and are never reused. */
export class EventRing<T> {
  readonly #capacity: number
  readonly #ids: Float64Array
  readonly #values: (T | undefined)[]
  readonly #frames: (string | undefined)[]
  #count = 0
  #forgotten = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#ids = new Float64Array(capacity)
    this.#values = new Array<T | undefined>(capacity)
    this.#frames = new Array<string | undefined>(capacity)
  }

  /** Newest id that is no longer here; 0: none was forgotten. */
  get forgotten(): number {
    return this.#forgotten
  }

  push(id: number, value: T): void {
    const at = this.#count % this.#capacity
    if (this.#count >= this.#capacity) this.#forgotten = this.#ids[at] as number
    this.#ids[at] = id
    this.#values[at] = value
    this.#frames[at] = undefined
    this.#count += 1
  }

  /** Position of the first event behind `id` that is here. */
  after(id: number): number {
    let low = Math.max(0, this.#count - this.#capacity)
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ids[middle % this.#capacity] as number) > id) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Id of the event at a position that {@link after} gave or the ones behind it; infinite behind the newest. */
  idAt(position: number): number {
    return position < this.#count ? (this.#ids[position % this.#capacity] as number) : Number.POSITIVE_INFINITY
  }

  /** The frame of an event, made once for all readers. */
  frameAt(position: number, make: (value: T, id: number) => string): string {
    const at = position % this.#capacity
    this.#frames[at] ??= make(this.#values[at] as T, this.#ids[at] as number)
    return this.#frames[at]
  }

  /** Nobody reads any more: the frames are not needed. */
  dropFrames(): void {
    this.#frames.fill(undefined)
  }
}
