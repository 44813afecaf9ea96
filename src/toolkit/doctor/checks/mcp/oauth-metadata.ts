// The OAuth documents of the MCP server.

import {single, skip} from '../../check.ts'

export const oauthMetadata = single({
  id: 'oauth_metadata',
  title: 'The OAuth documents can be found',
  why: 'Clients that sign in by OAuth start from these documents.',
  next: ['Serve GET /.well-known/oauth-protected-resource/mcp'],
  required: false,
  needs: ['main'],
  run: async ({fact}) => {
    const main = await fact('main')
    if (main === null) return null
    if (main.kind === 'stdio') return skip('stdio targets do not expose OAuth metadata URLs')
    return skip('OAuth discovery is not checked yet')
  },
})
