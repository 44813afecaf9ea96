// Tunnels as people read them: the reference's lines.

import type {ServiceKey} from '../../../foundation/config/index.ts'
import {type Block, text} from '../../../foundation/platform/index.ts'
import type {ManagedTunnel, ManagedTunnelList} from './types.ts'

/** One tunnel; with `key` also which key read it. */
export function tunnelBlocks(tunnel: ManagedTunnel, {key}: {readonly key?: ServiceKey} = {}): Block[] {
  const {id, name, description, creator, organization_ids = [], workspace_ids = [], tenant_ids = []} = tunnel
  const field = (label: string, value: string): string => `  ${label}: ${value}`
  const lines = [
    `Tunnel ${id}`,
    field('Name', name),
    field('Description', description),
    ...(creator === undefined ? [] : [field('Creator', creator)]),
    field('Organizations', organization_ids.join(', ')),
    field('Workspaces', workspace_ids.join(', ')),
    ...(tenant_ids.length === 0 ? [] : [field('Tenants', tenant_ids.join(', '))]),
    ...(key === undefined ? [] : [field('Key', `${key.kind} key (${key.source})`)]),
  ]
  return [text(lines)]
}

/** All tunnels of a listing, one after the other; nothing for none. */
export const tunnelListBlocks = ({tunnels}: ManagedTunnelList): Block[] =>
  (tunnels ?? []).flatMap((tunnel) => tunnelBlocks(tunnel))

/** What to expect of a new tunnel. */
export const newTunnelNote = (): Block => text('Note: wait 25-30 seconds until the new tunnel is active and ready.')
