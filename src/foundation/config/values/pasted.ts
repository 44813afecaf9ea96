// What went wrong when a value was pasted: quotes of a shell or a word processor, invisible characters, a whole line of a
// script, a placeholder of the documentation, the value of another setting. Advice never repeats the value.

import {isTunnelId} from '../../platform/index.ts'
import {SETUP_PAGES} from '../docs/setup-pages.ts'

/** What the value should be. */
export type PastedKind = 'key' | 'id' | 'url'

const INVISIBLE = /[\u00A0\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/
const TYPOGRAPHIC = /[\u2018-\u201F\u00AB\u00BB`]/
const PLACEHOLDER = /^<.*>$|\.\.\.|\u2026|\*{3}|^your[-_ ]|^(?:sk-)?x{3,}$|^(?:change[-_]?me|placeholder|todo)$/i
const NAMES = {key: 'the runtime key', id: 'the tunnel id', url: 'the address'} as const

/** A step that fixes the value; null when nothing is known. */
export function pastedAdvice(raw: string, kind: PastedKind): string | null {
  const value = raw.trim()
  const alone = `Give ${NAMES[kind]} alone`
  const invisible = INVISIBLE.exec(raw)?.[0]
  if (invisible !== undefined) {
    const code = invisible.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    return `Remove the invisible character U+${code}: paste the value as plain text, or type it`
  }
  if (PLACEHOLDER.test(value)) return `Replace the placeholder with ${NAMES[kind]}${pageOf(kind)}`
  if (/^(?:export|set)\s|^\$?[A-Za-z_]\w*\s*=/.test(value)) return `${alone}, without the name of the variable`
  if (/^["'].*["']$/s.test(value)) return 'Remove the quotes around the value'
  if (TYPOGRAPHIC.test(value)) return 'Remove the typographic quotes or backticks around the value'
  if (/^(?:authorization\s*:|bearer\s)/i.test(value)) return `${alone}, without "Bearer" or the name of a header`
  if (kind !== 'id' && isTunnelId(value))
    return `Move the tunnel id to CONTROL_PLANE_TUNNEL_ID; give ${NAMES[kind]} here`
  if (kind !== 'key' && /^sk-/.test(value)) return `Move the key to CONTROL_PLANE_API_KEY; give ${NAMES[kind]} here`
  if (kind === 'key') return keyAdvice(value)
  if (kind === 'id') return idAdvice(value)
  return urlAdvice(value)
}

/** True for what has the characters of a key and cannot be a runtime key. */
export const isNoRuntimeKey = (value: string): boolean =>
  isTunnelId(value) || value.startsWith('sk-admin-') || PLACEHOLDER.test(value)

/** What is wrong with a URL that parses all the same; null when nothing is. */
export function pastedUrlProblem(raw: string): string | null {
  if (INVISIBLE.test(raw.trim())) return 'invisible character in URL'
  if (/^\w+:\/\/https?:/i.test(raw.trim())) return 'scheme is given twice'
  return /^\w+:\/\/[^/?#]*[,;](?:[/?#]|$)/.test(raw.trim()) ? 'invalid character in host name' : null
}

function keyAdvice(value: string): string | null {
  if (value.startsWith('sk-admin-')) {
    return `Create a runtime key: an admin key cannot be used as one (${SETUP_PAGES.runtime_api_keys_url.url})`
  }
  if (/^(?:env|file):/i.test(value)) {
    return 'Put the key itself into the variable; references (env:NAME, file:PATH) are for flags and YAML'
  }
  if (/^https?:/i.test(value)) return 'Copy the key, not the address of a page'
  return /\s/.test(value) ? 'Remove the blank or line break in the key' : null
}

function idAdvice(value: string): string | null {
  const inside = /tunnel_[0-9a-z]{32}(?![0-9a-z])/.exec(value)?.[0]
  if (inside !== undefined) return `Give only the id: ${inside}`
  if (isTunnelId(value.toLowerCase())) return 'Write the id in lower case'
  return /\s/.test(value) ? 'Remove the blank in the id' : null
}

function urlAdvice(value: string): string | null {
  if (/^\w+:\/\/https?:/i.test(value)) return 'Give the scheme once'
  if (/[,;]$/.test(value)) return 'Remove the comma or semicolon at the end of the address'
  if (/^\[[^\]]{0,300}\]\(/.test(value)) return `Give ${NAMES.url} alone, without the Markdown link`
  return /\s/.test(value) ? 'Remove the blank or line break in the address' : null
}

const pageOf = (kind: PastedKind): string => (kind === 'key' ? `: ${SETUP_PAGES.runtime_api_keys_url.url}` : '')
