// What is opened is pushed here; it is closed last-in first-out, all of it, also when one closer throws.

/** A stack of closers. */
export interface Releases {
  /** Registers a closer; closers run in reverse order. One that comes after the release runs at once. */
  add(name: string, close: () => Promise<void> | void): void
  /** Runs every closer once. Errors are collected and thrown together as an AggregateError. Idempotent. */
  release(): Promise<void>
}

/** A fresh stack. */
export function releases(): Releases {
  const stack: {name: string; close: () => Promise<void> | void}[] = []
  let running: Promise<void> | null = null
  const run = async (): Promise<void> => {
    const errors: Error[] = []
    for (let top = stack.pop(); top; top = stack.pop()) {
      try {
        await top.close()
      } catch (thrown) {
        errors.push(
          new Error(`${top.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {cause: thrown}),
        )
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('; '))
  }
  return {
    add: (name, close) => {
      stack.push({name, close})
      // Whoever is late (a start that was given up) must not leave anything behind.
      if (running !== null) void running.catch(() => {}).then(() => run().catch(() => {}))
    },
    release: () => {
      running ??= run()
      return running
    },
  }
}
