// The MCP servers, one per channel, from flags, variables or YAML.

import {type ErrorCode, goQuote} from '../../errors/index.ts'
import {SOCKET_PATH_NEXT, socketPathProblem, splitArgv} from '../../platform/index.ts'
import type {FileEntry} from '../file/file-value.ts'
import type {Listed} from '../layers.ts'
import {shown} from '../problems.ts'
import type {ClientCertificate, McpBinding, Origin, TunnelConfig} from '../types.ts'
import {channelName, type HttpEntry, parseHttpEntry, parseStdioEntry, type StdioEntry} from '../values/bindings.ts'
import {readClientCertificate} from '../values/certificates.ts'
import {type Parsed, trimSpace} from '../values/go-text.ts'
import {readHeaders} from '../values/headers.ts'
import {pastedAdvice} from '../values/pasted.ts'
import {resolvePath, resolveYamlValue} from '../values/references.ts'
import {type Context, certificateOf, reportInFile} from './context.ts'
import {channelTexts, parseServerUrl} from './control-plane.ts'

/** The MCP part. `intact` is false when an entry was refused, so that nothing may be called missing. */
export interface McpPart {
  readonly config: TunnelConfig['mcp']
  readonly intact: boolean
}

interface Found<T> {
  readonly entry: T
  readonly origin: Origin
}

/** Reads the part in the order of the reference. */
export async function assembleMcp(context: Context): Promise<McpPart> {
  const before = context.problems.count
  const bindings: McpBinding[] = []
  for (const {entry, origin} of await httpEntries(context)) {
    const binding = await httpBinding(context, entry, origin)
    if (binding !== null) addBinding(context, bindings, binding, origin)
  }
  for (const {entry, origin} of await stdioEntries(context)) {
    const argv = splitArgv(entry.command)
    if (argv.ok) {
      const {channel, command} = entry
      addBinding(context, bindings, {kind: 'stdio', channel, command: shown(command), argv: argv.argv}, origin)
    } else {
      context.report('TC-CONFIG-MCP-ENTRY', `invalid mcp.command: ${argv.problem}`, origin)
    }
  }
  const serial = serialChannels(context, bindings)
  const obscured = context.layers.obscured('mcp.server_urls') || context.layers.obscured('mcp.commands')
  const intact = context.problems.count === before && !obscured
  const certificate = await certificateOf(context, {cert: 'mcp.client_cert', key: 'mcp.client_key', label: 'MCP'})
  const connectionMaxTtl = context.scalars.duration('mcp.connection_max_ttl')
  const startupWaitTimeout = context.scalars.duration('mcp.startup_wait_timeout')
  const maxConcurrentRequests = context.scalars.int('mcp.max_concurrent_requests')
  const extraHeaders = await readHeaders({...context, key: 'mcp.extra_headers'})
  const discoveryExtraHeaders = await readHeaders({...context, key: 'mcp.discovery_extra_headers'})
  if (certificate !== null && intact && !bindings.some(({kind}) => kind === 'http')) {
    const text = 'mcp.client-cert and mcp.client-key require at least one http-streamable mcp.server-url binding'
    context.report('TC-CONFIG-CLIENT-CERTIFICATE', text, context.layers.origin('mcp.client_cert'))
  }
  return {
    config: {
      bindings: bindings.map((binding) => withSerial(withCertificate(binding, certificate), serial)),
      connectionMaxTtl,
      startupWaitTimeout,
      maxConcurrentRequests,
      extraHeaders,
      discoveryExtraHeaders,
    },
    intact,
  }
}

function withCertificate(binding: McpBinding, fallback: ClientCertificate | null): McpBinding {
  if (binding.kind === 'stdio') return binding
  return {...binding, clientCertificate: binding.clientCertificate ?? fallback}
}

const withSerial = (binding: McpBinding, serial: readonly string[]): McpBinding =>
  binding.kind === 'stdio' && serial.includes(binding.channel) ? {...binding, serial: true} : binding

/** Channels whose server takes one call at a time: each needs a server over stdio, others have connections enough. */
function serialChannels(context: Context, bindings: readonly McpBinding[]): readonly string[] {
  const listed = context.layers.list('mcp.serial_channels')
  if (listed === null) return []
  const broken = context.problems.count
  return channelTexts(listed).flatMap((text) => {
    const name = channelName(text)
    const refuse = (problem: string): [] => {
      context.report('TC-CONFIG-MCP-ENTRY', problem, listed.origin)
      return []
    }
    if (!name.ok) return refuse(`invalid mcp.serial-channel ${goQuote(shown(text))}: ${name.problem}`)
    const served = bindings.some(({kind, channel}) => kind === 'stdio' && channel === name.value)
    if (served || broken > 0) return [name.value]
    return refuse(`mcp.serial-channel ${goQuote(name.value)} has no mcp.command`)
  })
}

function addBinding(context: Context, bindings: McpBinding[], binding: McpBinding, origin: Origin): void {
  const source = binding.kind === 'http' ? 'mcp.server-url' : 'mcp.command'
  const label = goQuote(binding.channel)
  const existing = bindings.find(({channel}) => channel === binding.channel)
  const refuse = (text: string): void => context.report('TC-CONFIG-MCP-ENTRY', `mcp config: ${text}`, origin)
  const kind = existing?.kind === 'http' ? 'http-streamable' : 'stdio'
  if (binding.channel === 'harpoon') refuse(`${source} channel ${label} is reserved`)
  else if (existing !== undefined) refuse(`duplicate channel ${label} from ${source} (${kind} already configured)`)
  else bindings.push(binding)
}

/** The entries of a flag or variable, one text each. */
function textsOf(listed: Exclude<Listed, {layer: 'file'}>): readonly string[] {
  if (listed.layer === 'flag') return listed.values
  return listed.text
    .split(/[\n\r]+/)
    .map(trimSpace)
    .filter((line) => line !== '')
}

async function httpEntries(context: Context): Promise<Found<HttpEntry>[]> {
  const listed = context.layers.list('mcp.server_urls')
  if (listed === null) return []
  if (listed.layer !== 'file') return parsed(context, textsOf(listed).map(parseHttpEntry), listed.origin)
  const found: Found<HttpEntry>[] = []
  for (const item of listed.value.shape === 'entries' ? listed.value.items : []) {
    const entry = await httpFileEntry(context, item)
    if (entry !== null) found.push({entry, origin: lineOf(context, item)})
  }
  return found
}

async function stdioEntries(context: Context): Promise<Found<StdioEntry>[]> {
  const listed = context.layers.list('mcp.commands')
  if (listed === null) return []
  if (listed.layer !== 'file') return parsed(context, textsOf(listed).map(parseStdioEntry), listed.origin)
  const found: Found<StdioEntry>[] = []
  for (const item of listed.value.shape === 'entries' ? listed.value.items : []) {
    const entry = await stdioFileEntry(context, item)
    if (entry !== null) found.push({entry, origin: lineOf(context, item)})
  }
  return found
}

function parsed<T>(context: Context, entries: readonly Parsed<T>[], origin: Origin): Found<T>[] {
  return entries.flatMap((entry) => {
    if (entry.ok) return [{entry: entry.value, origin}]
    context.report('TC-CONFIG-MCP-ENTRY', entry.problem, origin)
    return []
  })
}

const lineOf = (context: Context, {line}: FileEntry): Origin => ({layer: 'file', path: context.layers.file.path, line})
const textOf = (item: FileEntry, name: string): string => item.fields[name]?.text ?? ''

/** A YAML entry keeps its structure: a comma in a URL is data. Null after a problem. */
async function httpFileEntry(context: Context, item: FileEntry): Promise<HttpEntry | null> {
  const origin = lineOf(context, item)
  if (trimSpace(textOf(item, 'url')) === '') return missing(context, 'mcp.server_urls entry requires url', origin)
  const url = await fieldValue(context, item, {field: 'url', source: 'mcp.server_urls.url'})
  const channel = channelOf(context, item, origin)
  if (url === null || channel === null) return null
  const optional = (name: string): string | undefined => textOf(item, name) || undefined
  const parts = [
    ['channel', optional('channel')],
    ['url', url],
    ['unix-socket', optional('unix_socket')],
    ['http-proxy', optional('http_proxy')],
    ['client-cert', optional('client_cert')],
    ['client-key', optional('client_key')],
  ] as const
  const label = shown(parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join(','))
  const clientCert = optional('client_cert')
  const clientKey = optional('client_key')
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    const absent = clientKey === undefined ? 'client-key' : 'client-cert'
    context.report('TC-CONFIG-MCP-ENTRY', `mcp config: server-url entry ${goQuote(label)} missing ${absent}`, origin)
    return null
  }
  const socket = resolvePath(context.host, {source: 'mcp.server_urls.unix_socket', raw: textOf(item, 'unix_socket')})
  if (!socket.ok) {
    reportInFile(context, socket.problem, origin)
    return null
  }
  const unixSocket = socket.value.text || undefined
  const httpProxy = optional('http_proxy')
  return {channel, url, unixSocket, httpProxy, clientCert, clientKey, shown: label}
}

async function stdioFileEntry(context: Context, item: FileEntry): Promise<StdioEntry | null> {
  const origin = lineOf(context, item)
  if (trimSpace(textOf(item, 'command')) === '') {
    return missing(context, 'mcp.commands entry requires command', origin)
  }
  const command = await fieldValue(context, item, {field: 'command', source: 'mcp.commands.command'})
  const channel = channelOf(context, item, origin)
  if (command === null || channel === null) return null
  return {channel, command, shown: shown(command)}
}

function missing(context: Context, text: string, origin: Origin): null {
  reportInFile(context, text, origin, 'TC-CONFIG-MCP-ENTRY')
  return null
}

async function fieldValue(
  context: Context,
  item: FileEntry,
  {field, source}: {readonly field: string; readonly source: string},
): Promise<string | null> {
  const {text, line} = item.fields[field]!
  const resolved = await resolveYamlValue(context.host, {source, raw: text})
  if (resolved.ok) return resolved.value.text
  reportInFile(context, resolved.problem, {layer: 'file', path: context.layers.file.path, line})
  return null
}

function channelOf(context: Context, item: FileEntry, origin: Origin): string | null {
  const channel = channelName(textOf(item, 'channel'))
  if (channel.ok) return channel.value
  context.report('TC-CONFIG-MCP-ENTRY', channel.problem, origin)
  return null
}

async function httpBinding(context: Context, entry: HttpEntry, origin: Origin): Promise<McpBinding | null> {
  const fail = (code: ErrorCode, text: string, advice?: string | null): null => {
    context.report(code, text, origin, advice)
    return null
  }
  const url = parseServerUrl(entry.url)
  if (!url.ok)
    return fail('TC-CONFIG-MCP-ENTRY', `invalid mcp.server-url: ${url.problem}`, pastedAdvice(entry.url, 'url'))
  const path = (field: string, raw: string | undefined): Parsed<string> => {
    const resolved = resolvePath(context.host, {source: `mcp.server-url ${field}`, raw: raw ?? ''})
    return resolved.ok ? {ok: true, value: resolved.value.text} : resolved
  }
  const socket = path('unix-socket', entry.unixSocket)
  const certPath = path('client-cert', entry.clientCert)
  const keyPath = path('client-key', entry.clientKey)
  if (!socket.ok) return fail('TC-CONFIG-REFERENCE', socket.problem)
  const tooLong = socketPathProblem(socket.value)
  if (tooLong !== null) {
    const message = `invalid mcp.server-url unix-socket ${goQuote(socket.value)}: it ${tooLong}`
    context.problems.add({code: 'TC-CONFIG-MCP-ENTRY', message, origin, next: [SOCKET_PATH_NEXT]})
    return null
  }
  if (!certPath.ok) return fail('TC-CONFIG-REFERENCE', certPath.problem)
  if (!keyPath.ok) return fail('TC-CONFIG-REFERENCE', keyPath.problem)
  if (entry.httpProxy !== undefined) {
    const text = `http-proxy of mcp.server-url channel ${goQuote(entry.channel)} is not supported yet`
    return fail('TC-CONFIG-UNSUPPORTED', `${text}: connections of this version are direct`)
  }
  const pair = await readClientCertificate(context.host, {certPath: certPath.value, keyPath: keyPath.value})
  if (!pair.ok) {
    const text = `invalid mcp.server-url client certificate entry ${goQuote(entry.shown)}: ${pair.problem}`
    return fail('TC-CONFIG-CLIENT-CERTIFICATE', text)
  }
  return {
    kind: 'http',
    channel: entry.channel,
    url: url.value,
    unixSocket: socket.value === '' ? null : socket.value,
    clientCertificate: pair.value,
  }
}
