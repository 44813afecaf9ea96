// Secrets are a type: whatever prints one by accident prints `[secret]`. `reveal()` is the only way out, and greppable.
// The process also knows the value of every secret, because a peer may quote it: what leaves the process goes through
// `redactSecrets`, which finds it in any text.

import {inspect} from 'node:util'
import {KnownValues} from './redaction/known-values.ts'
import {spellingsOf} from './redaction/spellings.ts'

const MASK = '[secret]'

/** Process-wide like stdout: an output cannot know which room made the secret that it must not show (docs/decisions.md). */
const known = new KnownValues()

/** A value that must not reach logs, errors, argv, metrics, bundles or a child's environment. */
export class Secret {
  readonly #value: string

  /** @param options.redact false for a value that occurs everywhere, for example a media type: only its type hides it. */
  constructor(value: string, {redact = true}: {readonly redact?: boolean} = {}) {
    this.#value = value
    if (redact) for (const spelling of spellingsOf(value)) known.add(spelling)
  }

  /** The value itself. Call it where the value leaves for its one purpose, and nowhere else. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/** The text without the value of any {@link Secret} of this process, plain or encoded. Linear in the text's length. */
export const redactSecrets = (text: string): string => known.redact(text)
