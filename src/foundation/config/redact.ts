// Error texts show what was given. These rules keep credentials out of them, also where nobody should have put one.

const SHOWN = '[redacted]'
const SECRET_NAME = '(?:token|secret|passw(?:or)?d|credential|api[_-]?key|access[_-]?key|private[_-]?key|auth)'
/** A name is looked at from its start only: from each of its characters the time would grow with the square. */
const START = '(?<![\\w-])'
/** One word of a command line; a backslash takes whatever follows into it. */
const WORD = `(?:"[^"]*"|'[^']*'|(?:\\\\.|[^\\s"',\\\\])+)`
const RULES: readonly (readonly [RegExp, string])[] = [
  // values of a query
  [/([?&][^=&\s#"']{1,64}=)[^&\s#,"']+/g, `$1${SHOWN}`],
  // Bearer abc, Basic abc
  [/\b(bearer|basic)(?:\\?\s)+[^\s"',;]+/gi, `$1 ${SHOWN}`],
  // --token abc, TOKEN=abc, Authorization: abc
  [new RegExp(`${START}(?=\\w*-[\\w-]*${SECRET_NAME})([\\w-]+)(\\s+|=)${WORD}`, 'gi'), `$1$2${SHOWN}`],
  [
    new RegExp(`${START}(?=[\\w-]*${SECRET_NAME}|(?:[\\w-]*-)?cookie(?![\\w-]))([\\w-]+)(\\s*[=:]\\s*)${WORD}`, 'gi'),
    `$1$2${SHOWN}`,
  ],
]
/** Keys that can be told by their looks. */
const LOOKS: typeof RULES = [
  [/\b(?:sk|pk|ghp|gho|ghs|github_pat|xox[a-z])[-_][A-Za-z0-9_-]{6,}/g, SHOWN],
  [/\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}/g, SHOWN],
]

/** Text that came from the user, without what looks like a credential. */
export function withoutSecrets(text: string): string {
  return apply([...RULES, ...LOOKS], withoutUserinfo(text))
}

/** Up to the last @ of all: a password may hold anything, and too much redacted is better than too little. */
function withoutUserinfo(text: string): string {
  const [from, to] = [text.indexOf('//'), text.lastIndexOf('@')]
  return from !== -1 && to > from + 1 ? `${text.slice(0, from)}//${SHOWN}${text.slice(to)}` : text
}

/** Replaces secrets that are known by value or by their looks. Very short ones are left: they would tear words apart. */
export function withoutValues(text: string, secrets: Iterable<string>): string {
  let shown = apply(LOOKS, text)
  for (const secret of secrets) {
    if (secret.length >= 6) shown = shown.replaceAll(secret, SHOWN)
  }
  return shown
}

function apply(rules: typeof RULES, text: string): string {
  return rules.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), text)
}
