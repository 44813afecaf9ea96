// The grammar of MCP server entries on the command line and in variables: `channel=NAME,url=URL`, `command=…,channel=NAME`.

import {goQuote} from '../../errors/index.ts'
import {shown} from '../problems.ts'
import {type Parsed, trimSpace} from './go-text.ts'

/** An HTTP entry with its fields still as text. Absent fields are undefined. */
export interface HttpEntry {
  readonly channel: string
  readonly url: string
  readonly unixSocket: string | undefined
  readonly httpProxy: string | undefined
  readonly clientCert: string | undefined
  readonly clientKey: string | undefined
  /** The entry as error texts show it: without credentials. */
  readonly shown: string
}

/** A stdio entry. */
export interface StdioEntry {
  readonly channel: string
  readonly command: string
  readonly shown: string
}

const QUALIFIED = /^(?:url|command|channel|unix-socket|http-proxy|client-cert|client-key)=/i
const HTTP_KEYS = ['channel', 'url', 'unix-socket', 'http-proxy', 'client-cert', 'client-key']
const refuse = (problem: string): {readonly ok: false; readonly problem: string} => ({ok: false, problem})
const config = (rest: string): {readonly ok: false; readonly problem: string} => refuse(`mcp config: ${rest}`)

/** The canonical name of a channel: trimmed, lower case; empty is `main`. */
export function channelName(raw: string): Parsed<string> {
  const name = trimSpace(raw).toLowerCase()
  if (name === '') return {ok: true, value: 'main'}
  return /^[a-z0-9_-]{1,64}$/.test(name) ? {ok: true, value: name} : refuse(`invalid channel ${goQuote(shown(raw))}`)
}

/** Reads an HTTP entry: a URL, or comma-separated `key=value`. */
export function parseHttpEntry(entry: string): Parsed<HttpEntry> {
  if (trimSpace(entry) === '') return config('http-streamable entry is empty')
  const label = goQuote(shown(entry))
  if (!QUALIFIED.test(trimSpace(entry))) return httpEntry('main', {url: trimSpace(entry)}, shown(entry))
  const fields: Record<string, string> = {}
  for (const segment of entry.split(',').map(trimSpace)) {
    if (segment === '') continue
    const equals = segment.indexOf('=')
    if (equals < 0) return config(`invalid entry ${label} (expected key=value)`)
    const key = trimSpace(segment.slice(0, equals))
    const value = trimSpace(segment.slice(equals + 1))
    if (key === '' || value === '') return config(`invalid entry ${label} (empty ${shown(key)})`)
    fields[key] = value
  }
  const unknown = Object.keys(fields).find((key) => !HTTP_KEYS.includes(key))
  if (unknown !== undefined) return config(`unsupported key ${goQuote(shown(unknown))} in entry ${label}`)
  const channel = channelName(fields.channel ?? '')
  if (!channel.ok) return channel
  if (fields.url === undefined) return config(`server-url entry ${label} missing url`)
  return httpEntry(channel.value, fields, shown(entry))
}

function httpEntry(channel: string, fields: Readonly<Record<string, string>>, entry: string): Parsed<HttpEntry> {
  const clientCert = fields['client-cert']
  const clientKey = fields['client-key']
  if (clientCert !== undefined && clientKey === undefined) {
    return config(`server-url entry ${goQuote(entry)} missing client-key`)
  }
  if (clientKey !== undefined && clientCert === undefined) {
    return config(`server-url entry ${goQuote(entry)} missing client-cert`)
  }
  const value: HttpEntry = {
    channel,
    url: fields.url ?? '',
    unixSocket: fields['unix-socket'],
    httpProxy: fields['http-proxy'],
    clientCert,
    clientKey,
    shown: entry,
  }
  return {ok: true, value}
}

/** Reads a stdio entry: a command line, `channel=NAME,command=REST`, or `command=REST[,channel=NAME]`. */
export function parseStdioEntry(entry: string): Parsed<StdioEntry> {
  const text = trimSpace(entry)
  if (text === '') return config('stdio entry is empty')
  const label = goQuote(shown(entry))
  if (!QUALIFIED.test(text)) return {ok: true, value: {channel: 'main', command: entry, shown: shown(entry)}}
  let channel = ''
  let command: string
  if (text.startsWith('channel=')) {
    const comma = text.indexOf(',')
    if (comma < 0) return config(`command entry ${label} missing command`)
    channel = trimSpace(text.slice('channel='.length, comma))
    const rest = trimSpace(text.slice(comma + 1))
    if (!rest.startsWith('command=')) return config(`invalid entry ${label} (expected command=...)`)
    command = trimSpace(rest.slice('command='.length))
  } else if (text.startsWith('command=')) {
    command = trimSpace(text.slice('command='.length))
    const split = command.lastIndexOf(',channel=')
    if (split >= 0) {
      channel = trimSpace(command.slice(split + ',channel='.length))
      command = trimSpace(command.slice(0, split))
    }
  } else {
    return config(`invalid entry ${label} (expected channel=... or command=...)`)
  }
  if (command === '') return config(`command entry ${label} missing command`)
  const foreign = ['http-proxy', 'url', 'unix-socket', 'client-cert', 'client-key'].find((key) =>
    command.toLowerCase().includes(`,${key}=`),
  )
  if (foreign !== undefined) return config(`unsupported key ${goQuote(foreign)} in entry ${label}`)
  const name = channelName(channel)
  return name.ok ? {ok: true, value: {channel: name.value, command, shown: shown(entry)}} : name
}
