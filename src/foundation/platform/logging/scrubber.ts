// What looks like a credential, or is one that this process holds, does not leave in a log record, whoever put it there.

import type {Secret} from '../secret.ts'

const MARK = '[REDACTED]'

/** Shorter secrets are ordinary words ("on", "blue"): replacing them would garble records and hide nothing. */
const SHORTEST_SECRET = 8

/** Shorter pieces of a secret are no secret by themselves. */
const SHORTEST_PIECE = 16
const MOST_LINES = 200
/** `Bearer <token>`: others may say the token alone. */
const SCHEME_AND_TOKEN = /^[A-Za-z][\w-]*\s+(\S+)$/

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

const NAMES = 'api[_-]?key|access_token|refresh_token|id_token|client_secret|password|secret'

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(authorization["\\]*\s*[:=]\s*["\\]*(?:[a-z]+\s+)?)[^\s"'\\,}]+/gi, `$1${MARK}`],
  [/\b(bearer\s+)[a-z0-9._~+/-]{8,}=*/gi, `$1${MARK}`],
  [/(x-tunnel-shard-token["\\]*\s*[:=]\s*["\\]*)[^\s"'\\,}]+/gi, `$1${MARK}`],
  [/((?:set-)?cookie["\\]*\s*:\s*["\\]*)[^"'\\\r\n]+/gi, `$1${MARK}`],
  [/\bsk-[A-Za-z0-9_-]{10,}/g, 'sk-REDACTED'],
  [new RegExp(`("(?:${NAMES}|code)"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1"${MARK}"`],
  [new RegExp(`((?:^|[?&\\s"'])(?:${NAMES})=)[^&\\s"']+`, 'gi'), `$1${MARK}`],
  // Only in a query: "exit code=1" is no secret.
  [/([?&]code=)[^&\s"']+/gi, `$1${MARK}`],
  [/([a-z][a-z0-9+.-]*:\/\/)[^/\s"'@]+@/gi, `$1${MARK}@`],
]

/** Any of these has to be in a text before a pattern can match: one look instead of eight. */
const SUSPECT = /authorization|bearer|shard-token|cookie|sk-|@|key|token|secret|code|password/i

/** Replaces credentials in texts by a mark. */
export interface Scrubber {
  /** Makes a value known as secret from now on. */
  learn(secret: Secret): void
  scrub(text: string): string
  /** For JSON.parse: scrubs every string, blanks every member with a sensitive name. */
  readonly reviver: (key: string, value: unknown) => unknown
}

/** A scrubber that knows the patterns of credentials and the secrets that it was told of. */
export function createScrubber(secrets: readonly Secret[] = []): Scrubber {
  const needles = new Set<string>()
  const learn = (secret: Secret): void => {
    const value = secret.reveal()
    if (value.length < SHORTEST_SECRET) return
    // Plain, as inside a JSON text, and as inside a URL.
    for (const needle of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]) needles.add(needle)
    for (const piece of piecesOf(value)) needles.add(piece)
  }
  for (const secret of secrets) learn(secret)
  const scrub = (text: string): string => {
    let clean = text
    for (const needle of needles) if (clean.includes(needle)) clean = clean.replaceAll(needle, MARK)
    if (SUSPECT.test(clean)) for (const [pattern, mark] of PATTERNS) clean = clean.replace(pattern, mark)
    return clean
  }
  return {
    learn,
    scrub,
    reviver: (key, value) => {
      if (SENSITIVE_KEYS.has(key.toLowerCase().replaceAll('-', '_'))) return MARK
      return typeof value === 'string' ? scrub(value) : value
    },
  }
}

/** What others may say of a secret: the lines of a PEM key one by one, the token of a header without its scheme. */
function piecesOf(value: string): string[] {
  const lines = value.includes('\n') ? value.split(/\r?\n/, MOST_LINES).filter((line) => !line.startsWith('-----')) : []
  const token = SCHEME_AND_TOKEN.exec(value)?.[1] ?? ''
  return [...lines, token].filter((piece) => piece.length >= SHORTEST_PIECE)
}
