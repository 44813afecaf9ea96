// What is under way, thousands of times a second. V8 replaces the table of a busy Map or Set again and again, and each old
// table points to the next one and still holds what was in it: once a single old table has moved to the old generation, every
// later one follows it there, and all that it held. A relay that kept its calls in Sets so moved four kilobytes per call, and
// spent a tenth of its time on that. Here tables hold boxes, which are emptied when their item is over.

interface Box<T> {
  item: T | null
}

/** Items by key, in the order in which they came. For what lives shortly and comes often; else a Map is simpler. */
export class InFlight<K extends string | number, T extends object> {
  readonly #boxes = new Map<K, Box<T>>()

  get size(): number {
    return this.#boxes.size
  }

  get(key: K): T | undefined {
    return this.#boxes.get(key)?.item ?? undefined
  }

  has(key: K): boolean {
    return this.#boxes.has(key)
  }

  add(key: K, item: T): void {
    this.delete(key)
    this.#boxes.set(key, {item})
  }

  /** False when there was none. */
  delete(key: K): boolean {
    const box = this.#boxes.get(key)
    if (box === undefined) return false
    box.item = null
    return this.#boxes.delete(key)
  }

  *[Symbol.iterator](): Generator<T> {
    for (const {item} of this.#boxes.values()) if (item !== null) yield item
  }
}
