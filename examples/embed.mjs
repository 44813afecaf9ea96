// An MCP server that brings its own tunnel. Reads CONTROL_PLANE_TUNNEL_ID and CONTROL_PLANE_API_KEY.
import {McpServer} from '@modelcontextprotocol/server'
import {createTunnelClient} from 'tunnel-client'

function createServer() {
  const server = new McpServer({name: 'clock', version: '1.0.0'})
  server.registerTool('now', {description: 'Tells the time'}, () => ({
    content: [{type: 'text', text: new Date().toISOString()}],
  }))
  return server
}

const tunnel = createTunnelClient({env: process.env, mcp: {server: createServer}})
tunnel.on('state', ({message}) => console.log(message))

await tunnel.start()
await tunnel.waitUntilReady()
console.log('A call would work now')

process.once('SIGTERM', () => tunnel.close())
