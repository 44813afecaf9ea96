// A test of an MCP server through a whole tunnel: no account, no port of yours, nothing to clean up by hand.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client'
import {McpServer} from '@modelcontextprotocol/server'
import {createTunnelClient, createTunnelService} from 'tunnel-client'

function createServer() {
  const server = new McpServer({name: 'greeter', version: '1.0.0'})
  server.registerTool('greet', {description: 'Greets'}, () => ({content: [{type: 'text', text: 'Hello'}]}))
  return server
}

let service
let tunnel

before(async () => {
  service = await createTunnelService()
  tunnel = createTunnelClient({...service.clientOptions(), mcp: {server: createServer}})
  await tunnel.start()
  await tunnel.waitUntilReady()
})
after(async () => {
  await tunnel.close()
  await service.close()
})

test('greets through the tunnel', async () => {
  const client = new Client({name: 'test', version: '1.0.0'})
  await client.connect(new StreamableHTTPClientTransport(new URL(service.mcpUrl)))
  const result = await client.callTool({name: 'greet', arguments: {}})
  assert.deepEqual(result.content, [{type: 'text', text: 'Hello'}])
  await client.close()
})
