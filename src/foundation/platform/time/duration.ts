// Durations as Go writes them: they appear in flags, files, logs and JSON, so reading and printing follow Go exactly.

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const LARGEST = 2n ** 63n

/** What reading a duration gave: milliseconds (fractions allowed), or the text of Go's error. */
export type ParsedDuration = {readonly ok: true; readonly ms: number} | {readonly ok: false; readonly problem: string}

/** Reads for example `1h30m`, `-1.5s`, `500ms` or `0`. A bare number other than 0 is refused. */
export function parseDuration(text: string): ParsedDuration {
  const refuse = (what: string): ParsedDuration => ({ok: false, problem: `time: ${what} ${quote(text)}`})
  const negative = text.startsWith('-')
  let rest = /^[+-]/.test(text) ? text.slice(1) : text
  if (rest === '0') return {ok: true, ms: 0}
  if (rest === '') return refuse('invalid duration')
  let total = 0n
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!
    const whole = number[1]!
    const fraction = number[2] ?? ''
    if (whole === '' && fraction === '') return refuse('invalid duration')
    rest = rest.slice(number[0].length)
    const unit = /^[^.\d]*/.exec(rest)![0]
    if (unit === '') return refuse('missing unit in duration')
    rest = rest.slice(unit.length)
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
    if (size === undefined) return refuse(`unknown unit ${quote(unit)} in duration`)
    total += BigInt(whole === '' ? '0' : whole) * size
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
    if (total > LARGEST) return refuse('invalid duration')
  }
  if (total === LARGEST && !negative) return refuse('invalid duration')
  return {ok: true, ms: milliseconds(negative ? -total : total)}
}

/** Prints milliseconds as Go prints a duration: `10m0s`, `1m30s`, `500ms`, `1.5µs`, `0s`. */
export function formatDuration(ms: number): string {
  const total = nanoseconds(ms)
  const sign = total < 0n ? '-' : ''
  const size = total < 0n ? -total : total
  if (size === 0n) return '0s'
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return sign + seconds
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`
}

/** Exact for whole milliseconds; the fraction keeps its nanoseconds as far as a double can hold them. */
function milliseconds(ns: bigint): number {
  return Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6
}

function nanoseconds(ms: number): bigint {
  const whole = Math.trunc(ms)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))
}

function decimal(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const fraction = (value % scale)
    .toString()
    .padStart(digits, '0')
    .replace(/(?<!0)0+$/, '')
  return fraction === '' ? `${value / scale}` : `${value / scale}.${fraction}`
}

/** Go's `time` package quotes by bytes: everything but printable ASCII becomes `\xNN`. */
function quote(text: string): string {
  let quoted = '"'
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte)
    if (byte >= 0x80 || byte < 0x20) quoted += `\\x${byte.toString(16).padStart(2, '0')}`
    else quoted += char === '"' || char === '\\' ? `\\${char}` : char
  }
  return `${quoted}"`
}
