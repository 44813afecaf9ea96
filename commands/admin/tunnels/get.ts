// `admin tunnels get`: one tunnel, and which key could read it.

import {Args} from '@oclif/core'
import {adminFlags, BaseCommand, givenAdmin} from '../../../src/toolkit/cli/index.ts'
import {type ManagedTunnel, tunnelBlocks, withTunnelAdmin} from '../../../src/tunnel/control-plane/index.ts'

export default class AdminTunnelsGet extends BaseCommand<typeof AdminTunnelsGet> {
  static override summary = 'Show a tunnel'
  static override description =
    'Reads with the admin key; without one, with the runtime key of CONTROL_PLANE_API_KEY or OPENAI_API_KEY. Says which one it was.'
  static override examples = ['<%= config.bin %> admin --json tunnels get tunnel_0123456789abcdef0123456789abcdef']
  static override args = {tunnel_id: Args.string({description: 'Id of the tunnel', required: true})}
  static override flags = {...adminFlags()}

  async run(): Promise<ManagedTunnel & {readonly key: {readonly kind: string; readonly source: string}}> {
    const {args, flags, host, stop} = this
    const given = givenAdmin(flags, {host, version: this.config.version})
    return await withTunnelAdmin({...given, access: 'read'}, async ({admin, key}) => {
      const tunnel = await admin.get(args.tunnel_id, {signal: stop.asked})
      this.present(tunnelBlocks(tunnel, {key}))
      return {...tunnel, key: {kind: key.kind, source: key.source}}
    })
  }
}
