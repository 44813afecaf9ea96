// Errors of the configuration speak of flags and variables. Whoever embeds the client knows options.

import {TunnelError} from '../../../foundation/errors/index.ts'
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

/** The same error with options in place of flags. */
export function inOptionNames(error: TunnelError, settings: TunnelClientSettings): TunnelError {
  const own = (text: string): string => {
    const said = SPELLINGS.reduce((sentence, [flag, option]) => sentence.replaceAll(flag, option), text)
    if (settings.apiKey !== undefined && said === 'env CONTROL_PLANE_API_KEY') return 'option apiKey'
    return said.replace(/^flag /, 'option ')
  }
  return new TunnelError(error.code, own(error.message), {
    next: error.next.map(own),
    ...(error.origin === undefined ? {} : {origin: own(error.origin)}),
    problems: error.problems.map((problem) => inOptionNames(problem, settings)),
  })
}
