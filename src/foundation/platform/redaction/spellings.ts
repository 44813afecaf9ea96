// How a secret can reappear: peers quote it plainly, inside JSON, a URL or HTML, in Base64, or without the scheme of its
// header.

import {goJson} from '../text/go-json.ts'

/** Shorter parts of a secret are not secret by themselves. */
const MIN_PART = 16
const MIN_PASSWORD = 8
/** A shorter value has too few characters left in Base64, where its neighbors blur both ends. */
const MIN_BASE64_BYTES = 9
const MAX_LINES = 200

/** The value and all its parts, in every encoding that is redacted. */
export function spellingsOf(value: string): ReadonlySet<string> {
  const all = new Set<string>()
  for (const part of [value, ...partsOf(value)]) {
    const escaped = JSON.stringify(part).slice(1, -1)
    const percent = percentEncoded(part)
    const forms = [
      part,
      escaped,
      JSON.stringify(escaped).slice(1, -1),
      goJson(part).slice(1, -2),
      percent,
      percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      percent.replaceAll(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
      percent.replaceAll('%20', '+'),
      encodeURI(wellFormed(part)),
      htmlEscaped(part),
      ...base64Of(part),
    ]
    for (const form of forms) all.add(form)
  }
  return all
}

/** The lines of a PEM key, the token of a header without its scheme, the credentials of Basic, the values of cookies. */
function partsOf(value: string): string[] {
  if (value.includes('\n')) {
    return value.split(/\r?\n/, MAX_LINES).filter((line) => line.length >= MIN_PART && !line.startsWith('-----'))
  }
  const [, scheme = '', token = ''] = /^([A-Za-z][\w-]*) +(\S+)$/.exec(value) ?? []
  if (scheme.toLowerCase() === 'basic') {
    const credentials = Buffer.from(token, 'base64').toString('utf8')
    const password = credentials.slice(credentials.indexOf(':') + 1)
    return [token, credentials, password].filter((part) => part.length >= MIN_PASSWORD)
  }
  const pairs = value.split(/[;,]/, MAX_LINES).filter((pair) => pair.includes('='))
  const values = pairs.map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
  return [token, ...values].filter((part) => part.length >= MIN_PART)
}

const percentEncoded = (text: string): string => encodeURIComponent(wellFormed(text))

/** Lone surrogates cannot be encoded: as U+FFFD, which is how they travel. */
const wellFormed = (text: string): string => Buffer.from(text).toString()

const HTML: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'}
const htmlEscaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => HTML[char]!)

/**
 * What Base64 of any text that holds `part` has in common: at each of the three offsets, without the characters at both
 * ends that also depend on the neighbors. Both alphabets.
 */
function base64Of(part: string): string[] {
  const bytes = Buffer.from(part)
  if (bytes.length < MIN_BASE64_BYTES) return []
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const whole = Math.floor(((offset + bytes.length) * 8) / 6)
    const common = text.slice(Math.ceil((offset * 8) / 6), whole)
    return [common, common.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
