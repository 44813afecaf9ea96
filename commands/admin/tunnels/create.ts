// `admin tunnels create`: a new tunnel.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../../src/foundation/errors/index.ts'
import {
  adminFlags,
  BaseCommand,
  durationFlag,
  givenAdmin,
  givenDuration,
  givenScope,
  idsFlag,
} from '../../../src/toolkit/cli/index.ts'
import {
  type ManagedTunnel,
  newTunnelNote,
  tunnelBlocks,
  waitForTunnel,
  withTunnelAdmin,
} from '../../../src/tunnel/control-plane/index.ts'

export default class AdminTunnelsCreate extends BaseCommand<typeof AdminTunnelsCreate> {
  static override summary = 'Create a tunnel'
  static override description =
    'Needs an admin key and at least one organization or workspace. A new tunnel may need half a minute; --wait reads it until the service knows it.'
  static override examples = [
    '<%= config.bin %> admin tunnels create --name docs --description "Search in our docs" --organization-id org_123',
  ]
  static override flags = {
    ...adminFlags(),
    name: Flags.string({summary: 'Name of the tunnel', required: true}),
    description: Flags.string({summary: 'Description of the tunnel', required: true}),
    'organization-id': idsFlag('Organization that may use the tunnel'),
    'workspace-id': idsFlag('Workspace that may use the tunnel'),
    wait: durationFlag('Read the tunnel until the service knows it, at most this long'),
  }

  async run(): Promise<ManagedTunnel> {
    const {flags, host, stop} = this
    for (const name of ['name', 'description'] as const) {
      if (flags[name].trim() === '') throw new TunnelError('TC-CLI-USAGE', `${name} is required (set --${name})`)
    }
    const waitMs = givenDuration('wait', flags.wait, null)
    const organizationIds = givenScope('organization-id', flags['organization-id']) ?? []
    const workspaceIds = givenScope('workspace-id', flags['workspace-id']) ?? []
    const given = givenAdmin(flags, {host, version: this.config.version})
    return await withTunnelAdmin({...given, access: 'manage'}, async ({admin}) => {
      if (organizationIds.length + workspaceIds.length === 0) {
        throw new TunnelError('TC-CLI-USAGE', 'at least one of --organization-id or --workspace-id is required')
      }
      const {name, description} = flags
      const signal = stop.asked
      const tunnel = await admin.create({name, description, organizationIds, workspaceIds}, {signal})
      this.present(tunnelBlocks(tunnel))
      if (waitMs === null) this.present([newTunnelNote()])
      else await waitForTunnel(admin, {tunnelId: tunnel.id, waitMs, signal})
      return tunnel
    })
  }
}
