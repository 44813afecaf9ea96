// A failure at run time is mostly a setting that is wrong, or a machine that is down. The line that says it names the
// setting, its value, where it came from and what to do: what an error at the start would have said.

import {originText, type TunnelConfig} from '../../foundation/config/index.ts'
import {type FailureClass, failureNext, type OriginText} from '../../foundation/errors/index.ts'
import type {LogAttrs} from '../../foundation/platform/index.ts'
import {publicUrl} from './startup-lines.ts'

/** Settings that are about the tunnel rather than about the way to the service. */
const SETTINGS = {
  tunnel_unknown: 'control_plane.tunnel_id',
  use_forbidden: 'control_plane.api_key',
  key_principal: 'control_plane.api_key',
  key_invalid: 'control_plane.api_key',
  org_missing: 'control_plane.organization_id',
} as const satisfies Partial<Record<FailureClass, string>>

/** About a poll that failed. Never holds the key. */
export function pollAdvice(config: TunnelConfig, failure: FailureClass): LogAttrs {
  const {baseUrl, tunnelId, organizationId} = config.controlPlane
  const setting = SETTINGS[failure as keyof typeof SETTINGS] ?? 'control_plane.base_url'
  const value = {
    'control_plane.base_url': baseUrl.origin,
    'control_plane.tunnel_id': tunnelId,
    'control_plane.organization_id': organizationId,
    'control_plane.api_key': null,
  }[setting]
  return {
    setting,
    ...(value === null ? {} : {value}),
    origin: originText(config.origin(setting)),
    next: failureNext(failure, 'service'),
  }
}

/** About the MCP server of a channel that does not answer. */
export function channelAdvice(config: TunnelConfig, channel: string, failure: FailureClass): LogAttrs {
  const next = failureNext(failure, 'mcp')
  const binding = config.mcp.bindings.find((one) => one.channel === channel)
  if (binding?.kind !== 'http') return {next}
  return {
    setting: 'mcp.server_urls',
    value: publicUrl(binding.url),
    origin: originText(config.origin('mcp.server_urls')),
    next,
  }
}

/** Where the binding of a channel came from. */
export function channelOrigin(config: TunnelConfig, channel: string): OriginText | undefined {
  const binding = config.mcp.bindings.find((one) => one.channel === channel)
  if (binding === undefined) return undefined
  return originText(config.origin(binding.kind === 'http' ? 'mcp.server_urls' : 'mcp.commands'))
}
