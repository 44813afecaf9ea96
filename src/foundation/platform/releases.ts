// What is opened is pushed here; it is closed last-in first-out, all of it, also when one closer throws.

/** A stack of closers. */
export interface Releases {
  /** Registers a closer; closers run in reverse order. One that comes after the release runs as soon as that is done. */
  add(name: string, close: () => Promise<void> | void): void
  /**
   * Runs every closer once. Errors are collected and thrown together as an AggregateError. Called again it waits for the
   * closers that came late, too.
   */
  release(): Promise<void>
}

/** A fresh stack. */
export function releases(): Releases {
  const stack: {name: string; close: () => Promise<void> | void}[] = []
  let running: Promise<void> | null = null
  let late: Promise<void> | null = null
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
      if (running !== null) late = Promise.allSettled([running, late]).then(() => run())
      late?.catch(() => {})
    },
    release: async () => {
      running ??= run()
      await running
      await late
    },
  }
}
