// Accepts and refuses URLs as Go's net/url does, because its refusals are error texts that scripts know.

import {goQuote} from '../../errors/index.ts'
import type {Parsed} from './go-text.ts'

/** The parts that configuration asks for. `path` is decoded. */
export interface UrlParts {
  readonly scheme: string
  readonly userinfo: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/** Splits a URL, or says what Go's url.Parse would say after `parse "…": `. */
export function splitUrl(raw: string): Parsed<UrlParts> {
  const refuse = (problem: string): Parsed<UrlParts> => ({ok: false, problem})
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(raw)) return refuse('net/url: invalid control character in URL')
  if (raw.startsWith(':')) return refuse('missing protocol scheme')
  const [beforeFragment = '', ...fragment] = raw.split('#')
  const [beforeQuery = '', ...query] = beforeFragment.split('?')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(beforeQuery)?.[1] ?? ''
  let path = scheme === '' ? beforeQuery : beforeQuery.slice(scheme.length + 1)
  const parts = {scheme: scheme.toLowerCase(), userinfo: '', host: '', path: ''}
  const tail = {query: query.join('?'), fragment: fragment.join('#')}
  if (!path.startsWith('/')) {
    if (scheme !== '') return {ok: true, value: {...parts, ...tail}}
    if (path.split('/')[0]!.includes(':')) return refuse('first path segment in URL cannot contain colon')
  }
  if (path.startsWith('//') && (scheme !== '' || !path.startsWith('///'))) {
    const authority = path.slice(2).split('/')[0]!
    path = path.slice(2 + authority.length)
    const at = authority.lastIndexOf('@')
    parts.userinfo = at < 0 ? '' : authority.slice(0, at)
    parts.host = authority.slice(at + 1)
    const problem = userinfoProblem(parts.userinfo) ?? hostProblem(parts.host, raw.includes('@'))
    if (problem !== null) return refuse(problem)
  }
  const broken = badEscape(path) ?? badEscape(tail.fragment)
  if (broken !== null) return refuse(broken)
  return {ok: true, value: {...parts, ...tail, path: decodePercent(path)}}
}

function userinfoProblem(userinfo: string): string | null {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) return 'net/url: invalid userinfo'
  return badEscape(userinfo)
}

/** With `guarded`, what stands after the colon may be a piece of a password and is not shown. */
function hostProblem(host: string, guarded: boolean): string | null {
  if (host.lastIndexOf('[') > 0) return 'invalid IP-literal'
  const bracket = host.lastIndexOf(']')
  if (host.startsWith('[') && bracket < 0) return "missing ']' in host"
  const colon = host.startsWith('[') ? bracket + 1 : host.indexOf(':')
  const port = colon < 0 ? '' : host.slice(colon)
  if (!/^(?::[0-9]*)?$/.test(port)) return `invalid port ${guarded ? '":[redacted]"' : goQuote(port)} after host`
  for (const [text, digits = ''] of host.matchAll(/%(.{0,2})/g)) {
    const zone = host.startsWith('[') && digits === '25'
    if (!zone && !/^[89a-f][0-9a-f]$/i.test(digits)) return `invalid URL escape ${goQuote(text)}`
  }
  const bad = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u.exec(host)
  return bad === null ? null : `invalid character ${goQuote(bad[0])} in host name`
}

/** Escapes are not shown beyond their three characters: they may stand in a password. */
function badEscape(text: string): string | null {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)
  return bad === null ? null : `invalid URL escape ${goQuote(bad[0])}`
}

function decodePercent(path: string): string {
  return Buffer.from(
    path
      .replaceAll(/[^%\x20-\x7e]/gu, (char) => encodeURIComponent(char))
      .replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
}

/** Go's escaping of a decoded path: letters, digits and `-_.~$&+,/:;=@` stay. */
export function escapePath(path: string): string {
  return encodeURIComponent(path).replaceAll(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)|[!'()*]/g, (part) =>
    part.startsWith('%') ? decodeURIComponent(part) : `%${part.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
