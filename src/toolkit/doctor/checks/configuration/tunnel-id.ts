// Which tunnel this is about.

import {connectorNote, SETUP_PAGES} from '../../../../foundation/config/index.ts'
import {runCommand} from '../../advice/commands.ts'
import {configFailure} from '../../advice/config-failure.ts'
import {pass, single} from '../../check.ts'

export const tunnelId = single({
  id: 'tunnel_id',
  title: 'A tunnel is named',
  why: 'Every poll and every answer carries the id of the tunnel; without it there is nothing to ask for.',
  next: ['Set --control-plane.tunnel-id or CONTROL_PLANE_TUNNEL_ID'],
  required: true,
  needs: ['problems', 'source', 'config'],
  run: async ({fact}) => {
    const problems = await fact('problems')
    const source = await fact('source')
    const more = [
      `Look the tunnel up, or create one, in ${SETUP_PAGES.tunnels_management_url.url}`,
      'With the id at hand, `tunnel-client admin tunnels get <tunnel_id>` shows it; the runtime key is enough for that',
      `To create or list tunnels from here, take an admin key from ${SETUP_PAGES.admin_api_keys_url.url} and see \`tunnel-client admin tunnels create --help\``,
      'Then write a first profile: `tunnel-client init --sample sample_mcp_with_dcr --profile sample_mcp_with_dcr --tunnel-id tunnel_... --mcp-server-url http://127.0.0.1:3001/mcp`',
      connectorNote(runCommand(source)),
      'The whole way, step by step: `tunnel-client help quickstart`',
    ]
    const failure = configFailure(problems, {id: 'tunnel_id', more})
    return failure ?? pass((await fact('config')).controlPlane.tunnelId)
  },
})
