// How long to wait before the next try: full jitter between the reference's bounds, never less than the service asks for.

const FIRST_MS = 200
const LONGEST_MS = 10_000
const LONGEST_RETRY_AFTER_MS = 60_000

/** Milliseconds before try number `failures + 1`: random between 0 and 200 ms · 2^(failures-1), at most 10 s. */
export function backoffDelay(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20))
  return random() * ceiling
}

/**
 * Milliseconds of a `Retry-After`: digits are seconds, else an HTTP date; at most 60 000. Null when it says nothing
 * (empty, negative, malformed, in the past). `wallNow` is milliseconds since the epoch.
 */
export function parseRetryAfter(value: string | null, wallNow: number): number | null {
  if (value === null) return null
  const text = value.trim()
  if (/^[0-9]+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER_MS)
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null
  // One of the three forms names no zone, and would be taken for our own time.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  if (Number.isNaN(at) || at <= wallNow) return null
  return Math.min(at - wallNow, LONGEST_RETRY_AFTER_MS)
}
