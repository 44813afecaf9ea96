// Waiting on a condition instead of sleeping for luck.

/** Polls until `probe` returns something truthy, and returns that. The last value is in the error. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  {timeoutMs = 45_000, everyMs = 20}: {timeoutMs?: number; everyMs?: number} = {},
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value) return value
      last = value
    } catch (thrown) {
      last = thrown
    }
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}; last seen: ${String(last)}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
