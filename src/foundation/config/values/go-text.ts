// Reads scalars as Go does: what it says of wrong ones ends up in error messages that scripts match.

import {goQuote} from '../../errors/index.ts'

/** A value, or one clause that says why there is none. */
export type Parsed<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly problem: string}

const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g')

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  return text.replace(AROUND, '')
}

/**
 * Go's strconv.Atoi (variables, YAML) or, for flags, strconv.ParseInt with base 0, which also takes `0x1f` and `1_000`.
 * The problem shows the value, which must not be a secret.
 */
export function parseInteger(text: string, reader: 'Atoi' | 'ParseInt'): Parsed<number> {
  const refuse = (why: string): Parsed<number> => ({
    ok: false,
    problem: `strconv.${reader}: parsing ${goQuote(text)}: ${why}`,
  })
  const sign = text.startsWith('-') ? -1 : 1
  const digits = plainInteger(text.replace(/^[+-]/, ''), reader)
  if (digits === null) return refuse('invalid syntax')
  const value = BigInt(digits)
  if (value > 2n ** 63n - (sign < 0 ? 0n : 1n)) return refuse('value out of range')
  return {ok: true, value: sign * Number(value)}
}

/** The digits in a form that BigInt reads, or null. */
function plainInteger(digits: string, reader: 'Atoi' | 'ParseInt'): string | null {
  if (/^[0-9]+$/.test(digits)) {
    if (reader === 'Atoi' || !/^0[0-9]/.test(digits)) return digits
    return /^[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : null
  }
  if (reader === 'Atoi') return null
  const bare = digits.replaceAll(/(?<=[0-9a-zA-Z])_(?=[0-9a-fA-F])/g, '')
  if (/^0x[0-9a-f]+$|^0o[0-7]+$|^0b[01]+$/i.test(bare)) return bare
  return bare !== digits && /^[0-9]+$/.test(bare) ? plainInteger(bare, reader) : null
}

/** Go's strconv.ParseBool. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return {ok: true, value: true}
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return {ok: true, value: false}
  return {ok: false, problem: `strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`}
}
