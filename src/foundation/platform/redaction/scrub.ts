// What looks like a credential, or is one that this process holds, leaves in no text that a peer chose the words of. Bounded:
// a peer also chooses how long they are.

import {redactSecrets} from '../secret.ts'
import {REDACTED} from './known-values.ts'

/** Longest text that is kept, in characters; the rest is counted. */
export const MAX_TEXT = 4096
/** A secret that the cut goes through is not recognized: so much of the cut end is dropped after redaction. */
const MARGIN = 512

/** Attribute and member names whose values never appear, in any spelling of case and dashes. */
const SENSITIVE_KEYS = new Set([
  'authorization',
  'cookie',
  'set_cookie',
  'x_tunnel_shard_token',
  'shard_token',
  'api_key',
  'apikey',
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'password',
  'secret',
])
const MAX_SENSITIVE_KEY = 32

const NAMES = 'api[_-]?key|access_token|refresh_token|id_token|client_secret|password|secret'

/** Each is linear: no part of a text is read again for every place where a match could begin (test/laws/patterns). */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(authorization["\\]*\s*[:=]\s*["\\]*(?:[a-z]+\s+)?)[^\s"'\\,}]+/gi, `$1${REDACTED}`],
  [/\b(bearer\s+)[a-z0-9._~+/-]{8,}=*/gi, `$1${REDACTED}`],
  [/(x-tunnel-shard-token["\\]*\s*[:=]\s*["\\]*)[^\s"'\\,}]+/gi, `$1${REDACTED}`],
  [/((?:set-)?cookie["\\]*\s*:\s*["\\]*)[^"'\\\r\n]+/gi, `$1${REDACTED}`],
  [/\bsk-[A-Za-z0-9_-]{10,}/g, 'sk-REDACTED'],
  [new RegExp(`("(?:${NAMES}|code)"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1"${REDACTED}"`],
  [new RegExp(`((?:^|[?&\\s"'])(?:${NAMES})=)[^&\\s"']+`, 'gi'), `$1${REDACTED}`],
  // Only in a query: "exit code=1" is not secret.
  [/([?&]code=)[^&\s"']+/gi, `$1${REDACTED}`],
  [/(:\/\/)[^/\s"'@]+@/g, `$1${REDACTED}@`],
]

/** Any of these has to be in a text before a pattern can match: one look instead of nine. */
const SUSPECT = /authorization|bearer|shard-token|cookie|sk-|@|key|token|secret|code|password/i

/** The text without credentials, at most `max` characters of it and a note of how many more there were. */
export function scrub(text: string, {max = MAX_TEXT}: {readonly max?: number} = {}): string {
  if (text.length <= max) return withoutCredentials(text)
  const window = withoutCredentials(text.slice(0, max + MARGIN))
  const end = text.length > max + MARGIN ? window.length - MARGIN : window.length
  return `${window.slice(0, Math.min(max, end))}… (${text.length} characters)`
}

/** True for the name of a member whose value is a secret. */
export const isSensitiveKey = (key: string): boolean =>
  key.length <= MAX_SENSITIVE_KEY && SENSITIVE_KEYS.has(key.toLowerCase().replaceAll('-', '_'))

function withoutCredentials(text: string): string {
  const clean = redactSecrets(text)
  return SUSPECT.test(clean)
    ? PATTERNS.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), clean)
    : clean
}
