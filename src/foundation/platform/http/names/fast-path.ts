// When may our own DNS queries stand in for getaddrinfo? Only where we know that it would do exactly the same.

import {isFilesDns, parseResolvConf, type ResolvConf, systemText} from './system-files.ts'

/** Variables that change what getaddrinfo asks. */
const STEERING = ['LOCALDOMAIN', 'RES_OPTIONS', 'HOSTALIASES']

/** How to ask, or null when only getaddrinfo itself knows. Read anew each time: a VPN may have changed it. */
export function fastPathPlan(): ResolvConf | null {
  if (process.platform !== 'linux') return null
  if (STEERING.some((name) => process.env[name] !== undefined)) return null
  const nsswitch = systemText('/etc/nsswitch.conf')
  if (nsswitch === null || !isFilesDns(nsswitch)) return null
  const text = systemText('/etc/resolv.conf')
  if (text === null) return null
  const conf = parseResolvConf(text)
  const scoped = conf.servers.some((server) => server.includes('%'))
  return scoped || conf.foreign.length > 0 ? null : conf
}
