// What a daemon with this configuration has to reach, and which rungs lead there.

import {isIP} from 'node:net'
import type {McpBinding, TunnelConfig} from '../../../foundation/config/index.ts'
import type {Destination, LadderRung} from '../check.ts'

/** The tunnel service, then `main`, then the other channels in configuration order. */
export function destinationsOf({controlPlane, mcp}: TunnelConfig): readonly Destination[] {
  const service: Destination = {
    name: 'control_plane',
    kind: 'control_plane',
    channel: null,
    required: true,
    rungs: [...wayTo(controlPlane.baseUrl, controlPlane.unixSocket), 'auth', 'scope'],
  }
  const servers = mcp.bindings.map(destinationOf)
  return [service, ...servers.toSorted((a, b) => Number(b.required) - Number(a.required))]
}

function destinationOf(binding: McpBinding): Destination {
  const {channel, kind} = binding
  const way = kind === 'http' ? wayTo(binding.url, binding.unixSocket) : []
  return {name: `mcp:${channel}`, kind: 'mcp', channel, required: channel === 'main', rungs: [...way, 'protocol']}
}

function wayTo({protocol, hostname}: URL, unixSocket: string | null): LadderRung[] {
  const named = unixSocket === null && isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0
  return [
    'route',
    ...(named ? ['resolve' as const] : []),
    'connect',
    ...(protocol === 'https:' ? ['tls' as const] : []),
    'http',
  ]
}
