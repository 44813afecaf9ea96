// A program of a user, compiled strictly against the packed declarations, with SDK 1. Never run.
import {Server} from '@modelcontextprotocol/sdk/server/index.js'
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {createTunnelClient, type ErrorCode, isTunnelError, type TunnelClient, type TunnelState} from 'tunnel-client'

export const single: TunnelClient = createTunnelClient({
  tunnelId: 'tunnel_x',
  apiKey: 'key',
  mcp: {server: new McpServer({name: 'a', version: '1'})},
})
export const many = createTunnelClient({
  tunnelId: 'tunnel_x',
  apiKey: async () => 'key',
  mcp: {server: () => new Server({name: 'a', version: '1'})},
  channels: {files: {command: 'node', args: ['server.js']}, web: {url: new URL('http://127.0.0.1:3000/mcp')}},
  logger: console,
})
export const raw = createTunnelClient({
  env: process.env,
  mcp: {connect: (transport) => new McpServer({name: 'a', version: '1'}).connect(transport)},
})
export const off: () => void = many.on('state', (state: TunnelState) => void state.reasons)
many.on('failed', (error) => {
  const code: ErrorCode = error.code
  void code
})
export async function run(): Promise<readonly string[]> {
  try {
    await many.start()
    await many.waitUntilReady({timeout: 1, signal: AbortSignal.timeout(1)})
    return []
  } catch (error) {
    return isTunnelError(error) ? error.next : []
  } finally {
    await many.close({drainTimeout: 0})
  }
}
// @ts-expect-error a key is needed
createTunnelClient({tunnelId: 'tunnel_x', mcp: {url: 'http://127.0.0.1'}})
// @ts-expect-error there is no such option
createTunnelClient({env: {}, tunnelID: 'tunnel_x'})
// @ts-expect-error there is no such event
many.on('error', () => {})
// @ts-expect-error a target is one thing
createTunnelClient({env: {}, mcp: {nothing: true}})
