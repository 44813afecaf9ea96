// `admin tunnels list`: the tunnels of an organization, a workspace or a tenant.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../../src/foundation/errors/index.ts'
import {adminFlags, BaseCommand, givenAdmin, givenScope, idsFlag} from '../../../src/toolkit/cli/index.ts'
import {type ManagedTunnelList, tunnelListBlocks, withTunnelAdmin} from '../../../src/tunnel/control-plane/index.ts'

export default class AdminTunnelsList extends BaseCommand<typeof AdminTunnelsList> {
  static override summary = 'List the tunnels of an organization, a workspace or a tenant'
  static override description = 'Needs an admin key and exactly one scope. Prints nothing when there are no tunnels.'
  static override examples = ['<%= config.bin %> admin tunnels list --organization-id org_123 --json']
  static override flags = {
    ...adminFlags(),
    'organization-id': idsFlag('Organization to list'),
    'workspace-id': idsFlag('Workspace to list'),
    'tenant-id': Flags.string({summary: 'Tenant to list', helpValue: '<id>'}),
  }

  async run(): Promise<ManagedTunnelList> {
    const {flags, host, stop} = this
    const organizations = givenScope('organization-id', flags['organization-id']) ?? []
    const workspaces = givenScope('workspace-id', flags['workspace-id']) ?? []
    const tenantId = flags['tenant-id'] ?? ''
    const given = givenAdmin(flags, {host, version: this.config.version})
    return await withTunnelAdmin({...given, access: 'manage'}, async ({admin}) => {
      const [organizationId = '', workspaceId = ''] = [organizations[0], workspaces[0]]
      if ([organizationId, workspaceId, tenantId].filter((id) => id !== '').length !== 1) {
        throw new TunnelError(
          'TC-CLI-USAGE',
          'provide exactly one of --organization-id, --workspace-id, or --tenant-id',
        )
      }
      const ignored = [...organizations.slice(1), ...workspaces.slice(1)]
      if (ignored.length > 0) this.tell(`only the first id is listed; not asked for: ${ignored.join(', ')}`)
      const list = await admin.list({organizationId, workspaceId, tenantId}, {signal: stop.asked})
      this.present(tunnelListBlocks(list))
      return list
    })
  }
}
