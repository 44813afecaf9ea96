// Where the tunnel service is, which tunnel is served, and with which key.

import {posix} from 'node:path'
import {goQuote} from '../../errors/index.ts'
import {formatDuration, isTunnelId, learnSecret, learnUrlSecrets, Secret} from '../../platform/index.ts'
import {shown} from '../problems.ts'
import {rowOf} from '../rows/index.ts'
import type {ClientCertificate, TunnelConfig} from '../types.ts'
import {channelName} from '../values/bindings.ts'
import {trimSpace} from '../values/go-text.ts'
import {escapePath, splitUrl} from '../values/go-url.ts'
import {readHeaders} from '../values/headers.ts'
import {isNoRuntimeKey, pastedAdvice, pastedUrlProblem} from '../values/pasted.ts'
import {resolveFlagKey, resolveYamlValue} from '../values/references.ts'
import {type Context, certificateOf, reportInFile, yamlText} from './context.ts'

/** The control-plane part, and the variable that the key came from. */
export interface ControlPlanePart {
  readonly config: TunnelConfig['controlPlane']
  readonly keyVariable: string | null
}

const MTLS_ORIGIN = 'https://mtls.api.openai.com'
/** Headers that are ours alone, in lower case. */
export const RESERVED = [
  'authorization',
  'accept',
  'user-agent',
  'x-tunnel-client-name',
  'x-tunnel-client-version',
  'x-tunnel-mcp-server-info',
]
const MINUTE = 60_000
const KEY_MISSING =
  'control plane API key is required; set --control-plane.api-key (env:/file:) or CONTROL_PLANE_API_KEY or OPENAI_API_KEY'

/** Reads the part in the order of the reference. */
export async function assembleControlPlane(context: Context): Promise<ControlPlanePart> {
  const clientCertificate = await certificateOf(context, {
    cert: 'control_plane.client_cert',
    key: 'control_plane.client_key',
    label: 'control-plane',
  })
  const baseUrl = await readBaseUrl(context, clientCertificate)
  const urlPath = await readUrlPath(context)
  const tunnelId = readTunnelId(context)
  const organizationId = readOrganization(context)
  const maxInflight = context.scalars.int('control_plane.max_inflight_requests')
  const timing = readTiming(context)
  const pollChannels = readPollChannels(context)
  const key = await readKey(context)
  const extraHeaders = await readHeaders({...context, key: 'control_plane.extra_headers', reserved: RESERVED})
  const socket = trimSpace(context.layers.variable('TUNNEL_INTEGRATION_TUNNEL_SERVICE_SOCKET_PATH') ?? '')
  return {
    config: {
      baseUrl,
      urlPath,
      tunnelId,
      organizationId,
      apiKey: new Secret(key.text),
      clientCertificate,
      maxInflight,
      ...timing,
      pollChannels,
      extraHeaders,
      unixSocket: socket === '' ? null : socket,
    },
    keyVariable: key.variable,
  }
}

/** Scheme, host and port of the tunnel service. What cannot be read is reported. */
export async function readBaseUrl(context: Context, clientCertificate: ClientCertificate | null): Promise<URL> {
  const key = 'control_plane.base_url'
  const given = await yamlText(context, key)
  const preset = rowOf(key).default!
  const fallback = new URL(preset)
  if (given === undefined || given === null) return fallback
  const isDefault = trimSpace(given).replace(/(?<!\/)\/+$/, '') === preset
  const raw = clientCertificate !== null && isDefault ? MTLS_ORIGIN : given
  const url = parseServerUrl(raw)
  if (url.ok) return new URL(url.value.origin)
  const text = `invalid control-plane.base-url: ${url.problem}`
  context.report('TC-CONFIG-BASE-URL', text, context.layers.origin(key), pastedAdvice(given, 'url'))
  return fallback
}

/** An http or https URL with a host, or Go's words for what it is not. */
export function parseServerUrl(raw: string): {ok: true; value: URL} | {ok: false; problem: string} {
  const parts = splitUrl(raw)
  if (!parts.ok) return {ok: false, problem: `parse ${goQuote(shown(raw))}: ${parts.problem}`}
  const {scheme, host} = parts.value
  if (scheme === '' || host === '') return {ok: false, problem: 'must include scheme and host'}
  if (scheme !== 'http' && scheme !== 'https') return {ok: false, problem: 'scheme must be http or https'}
  if (!URL.canParse(raw)) return {ok: false, problem: `parse ${goQuote(shown(raw))}: invalid host or port`}
  const pasted = pastedUrlProblem(raw)
  if (pasted !== null) return {ok: false, problem: `parse ${goQuote(shown(raw))}: ${pasted}`}
  const value = new URL(raw)
  learnUrlSecrets(value)
  return {ok: true, value}
}

/** The path in front of its routes, empty or without a trailing slash. What cannot be read is reported. */
export async function readUrlPath(context: Context): Promise<string> {
  const key = 'control_plane.url_path'
  const raw = trimSpace((await yamlText(context, key)) ?? '')
  if (raw === '') return ''
  const refuse = (why: string): string => {
    context.report('TC-CONFIG-URL-PATH', `invalid control-plane.url-path: ${why}`, context.layers.origin(key))
    return ''
  }
  const parts = splitUrl(raw)
  if (!parts.ok) return refuse(`parse ${goQuote(shown(raw))}: ${parts.problem}`)
  const {scheme, host, userinfo, query, fragment, path} = parts.value
  if (scheme !== '' || host !== '' || userinfo !== '' || query !== '' || fragment !== '') {
    return refuse('must be a URL path without scheme, host, query, or fragment')
  }
  if (!path.startsWith('/')) return refuse("must start with '/'")
  return escapePath(posix.normalize(path)).replace(/(?<!\/)\/+$/, '')
}

function readTunnelId(context: Context): string {
  const key = 'control_plane.tunnel_id'
  const given = context.layers.scalar(key)
  const id = trimSpace(given?.text ?? '')
  const label = goQuote(shown(id))
  if (id === '') {
    if (given === null && context.layers.obscured(key)) return ''
    const text = 'tunnel ID is required; set --control-plane.tunnel-id or CONTROL_PLANE_TUNNEL_ID'
    context.report('TC-CONFIG-TUNNEL-ID-MISSING', text, given?.origin)
  } else if (!/^[A-Za-z0-9\-._~$&+=:@]+$/.test(id)) {
    const text = `invalid tunnel ID ${label}: must be safe for use as a URL path parameter`
    context.report('TC-CONFIG-TUNNEL-ID-INVALID', text, given?.origin, pastedAdvice(id, 'id'))
  } else if (!isTunnelId(id)) {
    const text = `invalid tunnel ID ${label}: must match tunnel_<32 lowercase letters or digits>`
    context.report('TC-CONFIG-TUNNEL-ID-INVALID', text, given?.origin, pastedAdvice(id, 'id'))
  }
  return given?.text ?? ''
}

function readOrganization(context: Context): string | null {
  const given = context.layers.scalar('control_plane.organization_id')
  const id = trimSpace(given?.text ?? '')
  if (/[\r\n]/.test(id)) {
    const text = 'control-plane.organization-id cannot contain header line breaks'
    context.report('TC-CONFIG-VALUE', text, given?.origin)
  }
  return id === '' ? null : id
}

function readTiming(context: Context): Pick<TunnelConfig['controlPlane'], 'pollTimeout' | 'pollDeadlineGuardrail'> {
  const before = context.problems.count
  const pollTimeout = context.scalars.duration('control_plane.poll_timeout')
  const pollDeadlineGuardrail = context.scalars.duration('control_plane.poll_deadline_guardrail')
  const {origin} = context.layers
  if (context.problems.count > before) return {pollTimeout, pollDeadlineGuardrail}
  if (pollDeadlineGuardrail >= MINUTE) {
    const text = `control-plane.poll-deadline-guardrail must be less than ${formatDuration(MINUTE)}`
    context.report('TC-CONFIG-VALUE', text, origin('control_plane.poll_deadline_guardrail'))
  } else if (pollTimeout > 10 * MINUTE - pollDeadlineGuardrail) {
    const sum = 'control-plane.poll-timeout plus control-plane.poll-deadline-guardrail'
    const text = `${sum} must be less than or equal to ${formatDuration(10 * MINUTE)}`
    context.report('TC-CONFIG-VALUE', text, origin('control_plane.poll_timeout'))
  }
  return {pollTimeout, pollDeadlineGuardrail}
}

function readPollChannels(context: Context): readonly string[] | null {
  const listed = context.layers.list('control_plane.poll_channels')
  if (listed === null) return null
  const {flag} = rowOf('control_plane.poll_channels')
  const raw = channelTexts(listed)
  const channels: string[] = []
  const refuse = (text: string): null => {
    context.report('TC-CONFIG-POLL-CHANNEL', text, listed.origin)
    return null
  }
  if (raw.length === 0) return refuse(`${flag} must contain at least one channel`)
  for (const value of raw) {
    if (trimSpace(value) === '') return refuse(`${flag} contains an empty channel`)
    const channel = channelName(value)
    if (!channel.ok) return refuse(`invalid ${flag} ${goQuote(shown(value))}: ${channel.problem}`)
    if (channel.value !== value) {
      return refuse(`${flag} ${goQuote(shown(value))} is not canonical; use ${goQuote(channel.value)}`)
    }
    if (channels.includes(value)) return refuse(`duplicate ${flag} ${goQuote(value)}`)
    channels.push(value)
  }
  return channels.sort()
}

/** The channels of a list as they were written, whichever layer it comes from. */
export function channelTexts(listed: NonNullable<ReturnType<Context['layers']['list']>>): readonly string[] {
  if (listed.layer === 'flag') return listed.values
  if (listed.layer === 'env') return listed.text.split(',')
  const {value} = listed
  if (value.shape !== 'list') return []
  return value.items.length === 0 ? [''] : value.items.map(({text}) => text)
}

interface Key {
  readonly text: string
  readonly variable: string | null
}

async function readKey(context: Context): Promise<Key> {
  const key = 'control_plane.api_key'
  for (const name of [...rowOf(key).env, 'OPENAI_ADMIN_KEY'])
    rememberSecret(context, context.layers.variable(name) ?? '')
  const given = context.layers.scalar(key)
  if (given === null) {
    if (!context.layers.obscured(key)) context.report('TC-CONFIG-API-KEY-MISSING', KEY_MISSING)
    return {text: '', variable: null}
  }
  if (given.origin.layer === 'env') return checkedKey(context, {text: given.text, variable: given.origin.name})
  if (given.origin.layer === 'file') {
    const resolved = await resolveYamlValue(context.host, {source: key, raw: given.text})
    if (resolved.ok) return checkedKey(context, resolved.value)
    reportInFile(context, resolved.problem, given.origin, 'TC-CONFIG-SECRET-UNREADABLE')
    return {text: '', variable: null}
  }
  const resolved = await resolveFlagKey(context.host, given.text)
  if (resolved.ok) return checkedKey(context, resolved.value)
  if (resolved.literal) rememberSecret(context, given.text)
  const code = resolved.literal ? 'TC-CONFIG-SECRET-LITERAL' : 'TC-CONFIG-SECRET-UNREADABLE'
  context.report(code, resolved.problem, given.origin)
  return {text: '', variable: null}
}

function checkedKey(context: Context, key: Key): Key {
  rememberSecret(context, key.text)
  const origin = context.layers.origin('control_plane.api_key')
  if (key.text === '') context.report('TC-CONFIG-API-KEY-MISSING', KEY_MISSING, origin)
  else if (!/^[0-9A-Za-z_-]+$/.test(key.text) || isNoRuntimeKey(key.text)) {
    const advice = pastedAdvice(key.text, 'key')
    context.report('TC-CONFIG-API-KEY-MALFORMED', 'control plane API key is malformed', origin, advice)
  }
  return key
}

/** No problem and no output may show it. */
function rememberSecret(context: Context, value: string): void {
  context.problems.secret(value)
  learnSecret(value.trim())
}
