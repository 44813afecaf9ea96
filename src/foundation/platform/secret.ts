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
    if (redact) learnSecret(value)
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

/** Makes a value known as a secret that no room needs as a {@link Secret}, for example a password inside an address. */
export function learnSecret(value: string): void {
  for (const spelling of spellingsOf(value)) known.add(spelling)
}

/** The text without values that are secret for one call only, and without those of {@link redactSecrets}. */
export function redactValues(text: string, values: readonly string[]): string {
  const own = new KnownValues()
  for (const value of values) for (const spelling of spellingsOf(value)) own.add(spelling)
  return own.redact(redactSecrets(text))
}

/** Makes user, password and secret query values of an address known: a peer may quote the request or its Basic header. */
export function learnUrlSecrets(url: URL): void {
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text)
    } catch {
      return text
    }
  }
  if (url.username !== '' || url.password !== '') {
    const [user, password] = [decoded(url.username), decoded(url.password)]
    learnSecret(password === '' ? user : password)
    learnSecret(`${user}:${password}`)
    learnSecret(`${url.username}:${url.password}`)
  }
  for (const [name, value] of url.searchParams) {
    if (SECRET_PARAMETER.test(name) || value.length >= MIN_RANDOM_VALUE) learnSecret(value)
  }
}

const SECRET_PARAMETER = /key|token|secret|pass|auth|sig|code|session|credential/i
/** Longer values of other parameters are not words. */
const MIN_RANDOM_VALUE = 16
