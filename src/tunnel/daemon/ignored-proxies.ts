// Proxy variables are not read yet. The Go client reads them, so a team that relies on one has to hear that connections
// are direct, in place of wondering why a firewall drops them.

import type {TunnelConfig} from '../../foundation/config/index.ts'
import {isLoopbackHost, type Logger} from '../../foundation/platform/index.ts'

/** One WARN line when a proxy variable is set that the Go client would use for the service or for an MCP server. */
export function warnIgnoredProxies(log: Logger, config: TunnelConfig, env: NodeJS.ProcessEnv): void {
  const {controlPlane, mcp} = config
  const targets = [
    ...(controlPlane.unixSocket === null ? [controlPlane.baseUrl] : []),
    ...mcp.bindings.flatMap((binding) => (binding.kind === 'http' && binding.unixSocket === null ? [binding.url] : [])),
  ].filter((url) => !isLoopbackHost(url.hostname))
  const schemes = new Set(targets.map((url) => (url.protocol === 'https:' ? 'HTTPS' : 'HTTP')))
  const variables = [...schemes]
    .flatMap((scheme) => [`${scheme}_PROXY`, `${scheme}_PROXY`.toLowerCase()])
    .filter((name) => env[name]?.trim())
  if (variables.length === 0) return
  log.warn('proxy variables are set and not used: connections are direct', {
    variables: variables.join(','),
    targets: targets.map((url) => url.host).join(','),
    next: 'let this host connect directly, or use the Go client until proxies are here',
  })
}
