// `admin tunnels update`: changes what is named, keeps the rest.

import {Args, Flags} from '@oclif/core'
import {TunnelError} from '../../../src/foundation/errors/index.ts'
import {adminFlags, BaseCommand, givenAdmin, givenScope, idsFlag} from '../../../src/toolkit/cli/index.ts'
import {
  type ManagedTunnel,
  type TunnelChange,
  tunnelBlocks,
  withTunnelAdmin,
} from '../../../src/tunnel/control-plane/index.ts'

export default class AdminTunnelsUpdate extends BaseCommand<typeof AdminTunnelsUpdate> {
  static override summary = 'Change a tunnel'
  static override description =
    'Needs an admin key. What is not named stays; ids replace all former ones, and an empty list ("") takes all away.'
  static override examples = ['<%= config.bin %> admin tunnels update tunnel_0123 --name "New name"']
  static override args = {tunnel_id: Args.string({description: 'Id of the tunnel', required: true})}
  static override flags = {
    ...adminFlags(),
    name: Flags.string({summary: 'New name'}),
    description: Flags.string({summary: 'New description'}),
    'organization-id': idsFlag('Organization that may use the tunnel, instead of the former ones'),
    'workspace-id': idsFlag('Workspace that may use the tunnel, instead of the former ones'),
  }

  async run(): Promise<ManagedTunnel> {
    const {args, flags, host, stop} = this
    const organizationIds = givenScope('organization-id', flags['organization-id'])
    const workspaceIds = givenScope('workspace-id', flags['workspace-id'])
    const change: TunnelChange = {
      ...(flags.name === undefined ? {} : {name: flags.name.trim()}),
      ...(flags.description === undefined ? {} : {description: flags.description}),
      ...(organizationIds === undefined ? {} : {organizationIds}),
      ...(workspaceIds === undefined ? {} : {workspaceIds}),
    }
    const given = givenAdmin(flags, {host, version: this.config.version})
    return await withTunnelAdmin({...given, access: 'manage'}, async ({admin}) => {
      if (Object.keys(change).length === 0) {
        throw new TunnelError('TC-CLI-USAGE', 'provide at least one field to update')
      }
      const tunnel = await admin.update(args.tunnel_id, change, {signal: stop.asked})
      this.present(tunnelBlocks(tunnel))
      return tunnel
    })
  }
}
