// What works and still deserves a look. A warning is judged anew at every reading; only since when it holds is remembered.

import type {WarningDocument} from '../api/index.ts'

/** A warning before anybody knows since when it holds. */
export type Concern = Omit<WarningDocument, 'since'>

/** Remembers since when each concern has been there. */
export class WarningBoard {
  readonly #since = new Map<string, string>()

  note(concerns: readonly Concern[], wall: number): WarningDocument[] {
    const present = new Set(concerns.map(({id}) => id))
    for (const id of this.#since.keys()) if (!present.has(id)) this.#since.delete(id)
    return concerns.map((concern) => {
      const since = this.#since.get(concern.id) ?? new Date(wall).toISOString()
      this.#since.set(concern.id, since)
      return {...concern, since}
    })
  }
}
