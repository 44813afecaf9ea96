// The grammar of `response_timeout`: one unsigned integer and one unit. Whatever is not that means "no deadline".

const GRAMMAR = /^([0-9]+)(ns|us|ms|s|m|h)$/
const NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const MAX_INT64 = 2n ** 63n - 1n
/** So many digits of hours still fit an int64 of nanoseconds, and a double holds the milliseconds exactly. */
const SAFE_DIGITS = 6
const MILLIS: Readonly<Record<string, number>> = {ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6}

/** Milliseconds (fractions possible), or null when the text sets no deadline. `0s` is 0: already expired. */
export function parseResponseTimeout(text: string): number | null {
  const match = GRAMMAR.exec(text)
  if (match === null) return null
  const digits = match[1]!
  const unit = match[2]!
  if (digits.length <= SAFE_DIGITS) return Number(digits) * MILLIS[unit]!
  const nanos = BigInt(digits) * NANOS[unit]!
  return nanos > MAX_INT64 ? null : Number(nanos) / 1e6
}
