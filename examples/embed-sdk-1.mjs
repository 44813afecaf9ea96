// With version 1 of the MCP SDK, every option spelled out, and a logger.
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {createTunnelClient, isTunnelError} from 'tunnel-client'

function createServer() {
  const server = new McpServer({name: 'clock', version: '1.0.0'})
  server.registerTool('now', {description: 'Tells the time'}, () => ({
    content: [{type: 'text', text: new Date().toISOString()}],
  }))
  return server
}

const tunnel = createTunnelClient({
  tunnelId: process.env.MY_TUNNEL,
  apiKey: async () => process.env.MY_TUNNEL_KEY,
  baseUrl: process.env.MY_TUNNEL_SERVICE,
  mcp: {server: createServer},
  logger: console,
  logLevel: 'warn',
})
try {
  await tunnel.start()
  await tunnel.waitUntilReady({timeout: 10_000})
  console.log('A call would work now')
} catch (error) {
  if (!isTunnelError(error)) throw error
  console.error(`${error.message} [${error.code}]`, ...error.next)
  await tunnel.close()
  process.exitCode = 1
}

process.once('SIGTERM', () => tunnel.close({drainTimeout: 5000}))
