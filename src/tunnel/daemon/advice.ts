// A failure at run time is mostly a setting that is wrong, or a machine that is down. The line that says it names the
// setting, its value, where it came from and what to do: what an error at the start would have said.

import {originText, type TunnelConfig} from '../../foundation/config/index.ts'
import {FAILURES, type FailureClass, type OriginText} from '../../foundation/errors/index.ts'
import type {LogAttrs} from '../../foundation/platform/index.ts'
import {publicUrl} from './startup-lines.ts'

const IDENTITY = 'check that this is the address of your service, then tell whoever runs it'

/** About a poll that failed. Never holds the key. */
export function pollAdvice(config: TunnelConfig, failure: FailureClass): LogAttrs {
  const {controlPlane} = config
  const about = (key: string, value: string | null, next: string): LogAttrs => ({
    setting: key,
    ...(value === null ? {} : {value}),
    origin: originText(config.origin(key)),
    next,
  })
  switch (failure) {
    case 'tunnel_unknown':
      return about('control_plane.tunnel_id', controlPlane.tunnelId, 'mend the tunnel id, or create the tunnel')
    case 'identity':
      return about('control_plane.base_url', controlPlane.baseUrl.origin, IDENTITY)
    case 'captive_portal':
      return about('control_plane.base_url', controlPlane.baseUrl.origin, 'sign in to this network in a browser')
    case 'wrong_base_url':
      return about('control_plane.base_url', controlPlane.baseUrl.origin, 'mend the address of the tunnel service')
    case 'use_forbidden':
      return about('control_plane.api_key', null, 'use a key that may use this tunnel, or grant it Use')
    case 'org_missing':
      return about('control_plane.organization_id', controlPlane.organizationId, 'name the organization of the tunnel')
    default:
  }
  if (FAILURES[failure].rung === 'auth') {
    return about('control_plane.api_key', null, 'set the runtime key of this tunnel and start again')
  }
  const next = 'wait if the service is being restarted, else run tunnel-client doctor --explain'
  return about('control_plane.base_url', controlPlane.baseUrl.origin, next)
}

/** About the MCP server of a channel that does not answer. */
export function channelAdvice(config: TunnelConfig, channel: string): LogAttrs {
  const binding = config.mcp.bindings.find((one) => one.channel === channel)
  if (binding?.kind !== 'http') return {}
  return {
    setting: 'mcp.server_urls',
    value: publicUrl(binding.url),
    origin: originText(config.origin('mcp.server_urls')),
    next: 'start the MCP server there, or mend the URL',
  }
}

/** Where the binding of a channel came from. */
export function channelOrigin(config: TunnelConfig, channel: string): OriginText | undefined {
  const binding = config.mcp.bindings.find((one) => one.channel === channel)
  if (binding === undefined) return undefined
  return originText(config.origin(binding.kind === 'http' ? 'mcp.server_urls' : 'mcp.commands'))
}
