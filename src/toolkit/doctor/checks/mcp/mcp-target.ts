// What serves the channel main.

import {configFailure} from '../../advice/config-failure.ts'
import {publicUrl} from '../../advice/public-url.ts'
import {pass, single} from '../../check.ts'

export const mcpTarget = single({
  id: 'mcp_target',
  title: 'An MCP server is bound to main',
  why: 'Calls arrive on the channel main; without a server behind it they can only be refused.',
  next: ['Set --mcp.server-url or --mcp.command, or give an entry of the profile channel=main'],
  required: true,
  needs: ['problems', 'main'],
  run: async ({fact}) => {
    const failure = configFailure(await fact('problems'), {id: 'mcp_target'})
    if (failure) return failure
    const main = await fact('main')
    if (main === null) return null
    return pass(main.kind === 'http' ? publicUrl(main.url) : main.command)
  },
})
