// What a tool answers goes to a model and into transcripts. References to secrets stay, secrets do not; text of a log or
// of somebody else's error may hold some all the same.

import {redactSecrets} from '../../../foundation/platform/index.ts'

const HIDDEN = '[REDACTED]'
const MAX_DEPTH = 128

const WORD =
  '(?:api[_-]?key|admin[_-]?key|access[_-]?key|private[_-]?key|(?:access|refresh|id|auth|session|bearer)?[_-]?tokens?|secrets?|passwords?|passwd|passphrases?|(?:proxy[_-]?)?authorization|(?:set[_-]?)?cookies?|credentials?)'
const SENSITIVE = new RegExp(`^(?:[A-Za-z0-9_.-]*[_.-])?${WORD}$`, 'i')
/** A name is looked at from its start only: from each of its characters the time would grow with the square. */
const START = '(?<![A-Za-z0-9_.-])'
/** Names that only look so. */
const HARMLESS = /(?:_|-|\b)(?:url|uri|path|file|dir|length|count|policy|algorithm|enabled|kind|ref|env|name)$/i
const REFERENCE =
  /^(?:env:[A-Za-z_]\w*|file:.+|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|%[A-Za-z_]\w*%|\$env:[A-Za-z_]\w*|true|false|null|\d{1,5}|)$/

const VALUE = `(?:\\$\\{\\w+\\}|"(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s,;}\\]]+)`
const TEXT_RULES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/(:\/\/)[^\s/@"']+@/g, `$1${HIDDEN}@`],
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${HIDDEN}`],
  [/\b(?:sk|pk|ghp|gho|ghs|github_pat|xox[a-z])[-_][A-Za-z0-9][A-Za-z0-9_-]{7,}/g, HIDDEN],
  [/\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}/g, HIDDEN],
  // A header takes its whole line.
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*:\s*)[^\r\n"']+/gi, `$1$2${HIDDEN}`],
]
const PAIR = new RegExp(`${START}(((?:[A-Za-z0-9_.-]*[_.-])?${WORD})"?\\s*[=:]\\s*)(${VALUE})`, 'gi')
const FLAG = new RegExp(`${START}(([A-Za-z0-9_.]*-(?:[A-Za-z0-9_.-]*[_.-])?${WORD})\\s+)(${VALUE})`, 'gi')

/** A copy of JSON data without secrets: by the name of the member, by looks, and every value found, wherever it stands. */
export function redacted<T>(data: T): T {
  const found = new Set<string>()
  collect(data, found, 0)
  return clean(
    data,
    [...found].sort((a, b) => b.length - a.length),
    0,
  ) as T
}

/** A text without secrets. */
export function redactedText(text: string, known: readonly string[] = []): string {
  let shown = known.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), redactSecrets(text))
  for (const [pattern, replacement] of TEXT_RULES) shown = shown.replace(pattern, replacement)
  const hide = (whole: string, lead: string, name: string, value: string): string => {
    const bare = value.replace(/^["']|["']$/g, '')
    return HARMLESS.test(name) || REFERENCE.test(bare) || bare === HIDDEN ? whole : `${lead}${HIDDEN}`
  }
  return shown.replace(PAIR, hide).replace(FLAG, hide)
}

const isSecretMember = (key: string, value: unknown): value is string => {
  const snake = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
  return typeof value === 'string' && SENSITIVE.test(snake) && !HARMLESS.test(snake) && !REFERENCE.test(value.trim())
}

function collect(data: unknown, found: Set<string>, depth: number): void {
  if (typeof data !== 'object' || data === null || depth > MAX_DEPTH) return
  for (const [key, value] of Object.entries(data)) {
    // Short ones would tear words apart.
    if (isSecretMember(key, value)) {
      if (value.length >= 6) found.add(value)
    } else collect(value, found, depth + 1)
  }
}

function clean(data: unknown, known: readonly string[], depth: number): unknown {
  if (depth > MAX_DEPTH) return HIDDEN
  if (typeof data === 'string') return redactedText(data, known)
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return data.map((item) => clean(item, known, depth + 1))
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      if (isSecretMember(key, value)) return [key, HIDDEN]
      if (key === 'target_value' && (data as {target_kind?: unknown}).target_kind === 'command') return [key, HIDDEN]
      return [key, clean(value, known, depth + 1)]
    }),
  )
}
