// `admin tunnels delete`: takes a tunnel away, for good.

import {Args, Flags} from '@oclif/core'
import {TunnelError} from '../../../src/foundation/errors/index.ts'
import {adminFlags, BaseCommand, givenAdmin, idsFlag} from '../../../src/toolkit/cli/index.ts'
import {type ManagedTunnel, tunnelBlocks, withTunnelAdmin} from '../../../src/tunnel/control-plane/index.ts'

export default class AdminTunnelsDelete extends BaseCommand<typeof AdminTunnelsDelete> {
  static override summary = 'Delete a tunnel'
  static override description =
    'Needs an admin key and --confirm: there is no way back, and daemons of it stop working.'
  static override examples = ['<%= config.bin %> admin tunnels delete tunnel_0123 --confirm']
  static override args = {tunnel_id: Args.string({description: 'Id of the tunnel', required: true})}
  static override flags = {
    ...adminFlags(),
    confirm: Flags.boolean({summary: 'Yes, delete it'}),
    'organization-id': idsFlag('Accepted and not used: the id alone names the tunnel'),
    'workspace-id': idsFlag('Accepted and not used: the id alone names the tunnel'),
  }

  async run(): Promise<ManagedTunnel> {
    const {args, flags, host, stop} = this
    if (!flags.confirm) throw new TunnelError('TC-CLI-USAGE', 'refusing to delete without --confirm')
    const given = givenAdmin(flags, {host, version: this.config.version})
    return await withTunnelAdmin({...given, access: 'manage'}, async ({admin}) => {
      const tunnel = await admin.delete(args.tunnel_id, {signal: stop.asked})
      this.present(tunnelBlocks(tunnel))
      return tunnel
    })
  }
}
