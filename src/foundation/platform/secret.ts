// Secrets are a type: whatever prints one by accident prints `[secret]`. `reveal()` is the only way out, and greppable.

import {inspect} from 'node:util'

const MASK = '[secret]'

/** A value that must not reach logs, errors, argv, metrics, bundles or a child's environment. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
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
