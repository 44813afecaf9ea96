// Proxy variables are not read yet. The Go client reads them, so a team that relies on one has to hear that connections
// are direct, in place of wondering why a firewall drops them.

import type {TunnelConfig} from '../../foundation/config/index.ts'
import {isLoopbackHost, type Logger} from '../../foundation/platform/index.ts'

const NEXT = 'let this host connect directly, or use the Go client until proxies are here'

/** Variables that the Go client would use for these targets, and what to do about it. */
export interface IgnoredProxies {
  readonly variables: readonly string[]
  /** `host:port` of what is reached directly. */
  readonly targets: readonly string[]
  readonly next: string
}

/** What is ignored; null when no such variable is set. */
export function ignoredProxies(config: TunnelConfig, env: NodeJS.ProcessEnv): IgnoredProxies | null {
  const {controlPlane, mcp} = config
  const targets = [
    ...(controlPlane.unixSocket === null ? [controlPlane.baseUrl] : []),
    ...mcp.bindings.flatMap((binding) => (binding.kind === 'http' && binding.unixSocket === null ? [binding.url] : [])),
  ].filter((url) => !isLoopbackHost(url.hostname))
  const schemes = new Set(targets.map((url) => (url.protocol === 'https:' ? 'HTTPS' : 'HTTP')))
  const variables = [...schemes]
    .flatMap((scheme) => [`${scheme}_PROXY`, `${scheme}_PROXY`.toLowerCase()])
    .filter((name) => env[name]?.trim())
  return variables.length === 0 ? null : {variables, targets: targets.map((url) => url.host), next: NEXT}
}

/** One WARN line when something is ignored. */
export function warnIgnoredProxies(log: Logger, config: TunnelConfig, env: NodeJS.ProcessEnv): void {
  const ignored = ignoredProxies(config, env)
  if (ignored === null) return
  log.warn('proxy variables are set and not used: connections are direct', {
    variables: ignored.variables.join(','),
    targets: ignored.targets.join(','),
    next: ignored.next,
  })
}
