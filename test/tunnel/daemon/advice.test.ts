import {expect, test} from 'vitest'
import {loadConfig} from '../../../src/foundation/config/index.ts'
import {channelAdvice, pollAdvice} from '../../../src/tunnel/daemon/advice.ts'

const config = await loadConfig({
  flags: {
    'control-plane.tunnel-id': `tunnel_${'0'.repeat(32)}`,
    'control-plane.base-url': 'http://127.0.0.1:1',
    'mcp.server-url': ['http://127.0.0.1:2/mcp'],
  },
  env: {CONTROL_PLANE_API_KEY: 'k'},
  cwd: process.cwd(),
})

test.each([
  ['captive_portal', 'control_plane.base_url', /sign in/],
  ['wrong_base_url', 'control_plane.base_url', /address/],
  ['identity', 'control_plane.base_url', /whoever runs it/],
  ['tunnel_unknown', 'control_plane.tunnel_id', /tunnel id/],
  ['refused', 'control_plane.base_url', /wait/],
] as const)('%s of the service asks for what mends it', (failure, setting, next) => {
  expect(pollAdvice(config, failure)).toMatchObject({setting, next: expect.stringMatching(next)})
})

test.each([
  ['refused', /start the MCP server/],
  ['mcp_auth', /authorize/],
  ['not_tls', /http:\/\//],
  ['mcp_status', /log of the MCP server/],
  ['child_missing', /command/],
] as const)('%s of an MCP server asks for what mends it, not always for a start', (failure, next) => {
  expect(channelAdvice(config, 'main', failure)).toMatchObject({
    setting: 'mcp.server_urls',
    next: expect.stringMatching(next),
  })
})
