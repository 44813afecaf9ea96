// The names of the tools that a server listed, page after page. Only an unbroken way from the first page to the last makes
// the list complete: pages that two callers fetched across each other prove presence, not absence.

import type {ToolsListReceipt} from './protocol-receipt.ts'

const MOST_NAMES = 256
const MOST_NAME_BYTES = 128
/** Of all names together as JSON. */
const MOST_BYTES = 16 * 1024
const MOST_CURSOR_BYTES = 4 * 1024
const MOST_PAGES = 32

/** One answer to `tools/list`. */
export interface ToolsPage {
  /** Wall clock, milliseconds. */
  readonly at: number
  /** Of the request; null: the first page. */
  readonly cursor: string | null
  /** Of the answer; null: the last page. */
  readonly next: string | null
  readonly names: readonly string[]
}

/** The tools of one server. */
export class ToolNames {
  #at: number | null = null
  #names = new Set<string>()
  #bytes = 2
  #limited = false
  #complete = false
  #pages = 0
  /** The cursor that continues an unbroken way; null: there is none, or it ends here. */
  #awaited: string | null = null

  page({at, cursor, next, names}: ToolsPage): void {
    if (cursor === null) this.#begin()
    const unbroken = cursor === null || (this.#awaited !== null && cursor === this.#awaited)
    this.#at = at
    this.#pages += 1
    for (const name of names) this.#keep(name)
    const tooLong = next !== null && Buffer.byteLength(next) > MOST_CURSOR_BYTES
    if (this.#pages > MOST_PAGES || tooLong) this.#limited = true
    this.#awaited = unbroken && !this.#limited ? next : null
    this.#complete = unbroken && next === null
  }

  /** A page came that says nothing that could be kept. */
  unreadable(at: number): void {
    this.#at ??= at
    this.#limited = true
    this.#complete = false
    this.#awaited = null
  }

  /** The list may be another one now. */
  invalidate(): void {
    this.#complete = false
    this.#awaited = null
  }

  receipt(): ToolsListReceipt | null {
    if (this.#at === null) return null
    return {
      at: this.#at,
      names: [...this.#names].toSorted(),
      complete: this.#complete && !this.#limited,
      limited: this.#limited,
    }
  }

  #begin(): void {
    this.#names = new Set()
    this.#bytes = 2
    this.#limited = false
    this.#pages = 0
    this.#awaited = null
  }

  #keep(name: string): void {
    if (this.#names.has(name)) return
    const bytes = Buffer.byteLength(JSON.stringify(name)) + 1
    const fits =
      name !== '' &&
      Buffer.byteLength(name) <= MOST_NAME_BYTES &&
      this.#names.size < MOST_NAMES &&
      this.#bytes + bytes <= MOST_BYTES
    if (!fits) {
      this.#limited = true
      return
    }
    this.#names.add(name)
    this.#bytes += bytes
  }
}
