// Errors of the configuration and lines of the log speak of flags, variables and keys. Whoever embeds the client knows options.

import {TunnelError} from '../../../foundation/errors/index.ts'
import type {LogAttrs} from '../../../foundation/platform/index.ts'
import type {TunnelClientSettings} from '../options.ts'

/** Flags, and the options that stand for them. Longer ones first: one may begin with another. */
const OPTIONS: readonly (readonly [flag: string, option: string])[] = [
  ['control-plane.organization-id', 'organizationId'],
  ['control-plane.extra-headers', 'headers'],
  ['control-plane.poll-timeout', 'pollTimeout'],
  ['control-plane.client-cert', 'clientCertificate.cert'],
  ['control-plane.max-inflight', 'maxInFlight'],
  ['control-plane.client-key', 'clientCertificate.key'],
  ['control-plane.tunnel-id', 'tunnelId'],
  ['control-plane.base-url', 'baseUrl'],
  ['control-plane.url-path', 'urlPath'],
  ['control-plane.api-key', 'apiKey'],
  ['mcp.max-concurrent-requests', 'maxConcurrentRequests'],
  ['mcp.connection-max-ttl', 'callTimeout'],
  ['mcp.extra-headers', 'mcpHeaders'],
  ['mcp.server-url', 'mcp.url'],
  ['health.listen-addr', 'health.listen'],
  ['health.url-file', 'health.urlFile'],
  ['drain-timeout', 'drainTimeout'],
  ['ca-bundle', 'caBundle'],
  ['log.level', 'logLevel'],
]

const SPELLINGS = OPTIONS.map(([flag, option]) => {
  const name = flag.replaceAll('.', '\\.')
  return [new RegExp(`(?<![\\w.-])(?:--)?${name}(?![\\w-])`, 'g'), option] as const
})

function inOwnWords(text: string, settings: TunnelClientSettings): string {
  const said = SPELLINGS.reduce((sentence, [flag, option]) => sentence.replaceAll(flag, option), text)
  if (settings.apiKey !== undefined && said === 'env CONTROL_PLANE_API_KEY') return 'option apiKey'
  return said.replace(/^flag /, 'option ')
}

/** The same error with options in place of flags. */
export function inOptionNames(error: TunnelError, settings: TunnelClientSettings): TunnelError {
  const own = (text: string): string => inOwnWords(text, settings)
  return new TunnelError(error.code, own(error.message), {
    next: error.next.map(own),
    ...(error.origin === undefined ? {} : {origin: own(error.origin)}),
    problems: error.problems.map((problem) => inOptionNames(problem, settings)),
  })
}

/** The attributes of a log record that says which setting is to blame, with the option in its place. Others as they are. */
export function attrsInOptionNames(attrs: LogAttrs, settings: TunnelClientSettings): LogAttrs {
  const {setting, origin, channel} = attrs
  if (typeof setting !== 'string' || typeof origin !== 'string') return attrs
  const target = channel === 'main' ? settings.mcp : settings.channels?.[String(channel)]
  if (setting === 'mcp.server_urls' && target !== undefined) {
    const option = channel === 'main' ? 'mcp.url' : `channels.${channel}.url`
    return {...attrs, setting: option, origin: `option ${option}`}
  }
  return {...attrs, setting: inOwnWords(setting.replaceAll('_', '-'), settings), origin: inOwnWords(origin, settings)}
}
