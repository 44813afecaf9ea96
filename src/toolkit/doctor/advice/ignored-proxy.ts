// This build connects directly. Where a connection fails on a host with a proxy variable, that is more likely the cause than DNS or
// the firewall that is seen first.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import {isLoopbackHost} from '../../../foundation/platform/index.ts'
import type {Finding} from '../check.ts'

/** Failures that a host without a direct route sees. */
const WITHOUT_ROUTE: ReadonlySet<FailureClass> = new Set([
  'dns_not_found',
  'dns_no_address',
  'dns_server_failed',
  'dns_server_down',
  'dns_timeout',
  'refused',
  'filtered',
  'host_absent',
  'no_route',
  'black_hole',
  'reset',
  'timeout_connect',
  'tls_cut',
  'tls_silent',
])

type Environment = Readonly<Record<string, string | undefined>>

/** The variable that names a proxy for this URL, as curl and Go read it; null: none is set, or the host is exempt. */
export function ignoredProxy({protocol, hostname}: URL, env: Environment): string | null {
  if (isLoopbackHost(hostname) || isExempt(hostname, env.NO_PROXY ?? env.no_proxy ?? '')) return null
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  return [name, name.toLowerCase(), 'ALL_PROXY', 'all_proxy'].find((one) => env[one]?.trim()) ?? null
}

const isExempt = (host: string, list: string): boolean =>
  list.split(',').some((entry) => {
    const name = entry
      .trim()
      .replace(/^\*?\./, '')
      .replace(/:\d+$/, '')
    return name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)))
  })

/** A failed connection with the variable named; anything else as it is. */
export function withIgnoredProxy(finding: Finding, url: URL, env: Environment): Finding {
  if (finding.status !== 'FAIL' || finding.failure === undefined || !WITHOUT_ROUTE.has(finding.failure)) return finding
  const variable = ignoredProxy(url, env)
  if (variable === null) return finding
  const unused = `${variable} is set and not used: this build connects directly`
  const host = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
  return {
    ...finding,
    who: ['you', 'it'],
    raw: `${finding.raw ?? finding.summary}; ${unused}`,
    evidence: [...(finding.evidence ?? []), unused],
    next: [
      `allow direct connections to ${host}, or use the Go client until proxies are supported here`,
      ...(finding.next ?? []),
    ],
  }
}
