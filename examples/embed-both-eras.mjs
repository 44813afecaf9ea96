// The same server for clients of both protocol eras: sessions up to 2025-11-25, and none from 2026-07-28 on.
import {McpServer} from '@modelcontextprotocol/server'
import {serveStdio} from '@modelcontextprotocol/server/stdio'
import {createTunnelClient} from 'tunnel-client'

function createServer() {
  const server = new McpServer({name: 'clock', version: '1.0.0'})
  server.registerTool('now', {description: 'Tells the time'}, () => ({
    content: [{type: 'text', text: new Date().toISOString()}],
  }))
  return server
}

const tunnel = createTunnelClient({
  env: process.env,
  mcp: {connect: (transport) => serveStdio(createServer, {transport})},
})
await tunnel.start()
await tunnel.waitUntilReady()
console.log('A call would work now')

process.once('SIGTERM', () => tunnel.close())
