// What a Host header has to say for a request to a loopback listener. The peer's address alone does not tell: a web page may
// rebind its own name to 127.0.0.1, but then Host still says that name.

import {isIP} from 'node:net'

/** True for 127.0.0.0/8, ::1 and IPv4-mapped loopback; false for names. */
export function isLoopbackAddress(address: string): boolean {
  if (isIP(address) === 0) return false
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address)
}

/** True for a loopback address, `localhost` and names below it; with or without a port, IPv6 with or without brackets. */
export function isLoopbackHost(host: string | undefined): boolean {
  return isOwnLoopbackName(host) || (host !== undefined && nameOf(host).endsWith('.localhost'))
}

/**
 * As {@link isLoopbackHost} without the names below `localhost`: they belong to other applications of this machine, and
 * resolvers that ignore RFC 6761 ask the network for them, which can rebind them.
 */
export function isOwnLoopbackName(host: string | undefined): boolean {
  if (!host) return false
  if (isIP(host) !== 0) return isLoopbackAddress(host)
  const name = nameOf(host)
  return name === 'localhost' || isLoopbackAddress(name)
}

/** Lower case, without port, brackets and final dot. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
