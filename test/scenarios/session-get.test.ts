// The GET stream of a session and header values, through service and daemon to a server and back.

import {request} from 'node:http'
import {expect, onTestFinished, test} from 'vitest'
import {createTunnelClient, createTunnelService} from '../../src/index.ts'
import {handshakeServer, type RawHttpServer, startRawHttpServer} from '../support/servers/raw-http-server.ts'

async function tunnelTo(
  answer: Parameters<typeof startRawHttpServer>[0],
): Promise<{url: string; server: RawHttpServer}> {
  const server = await startRawHttpServer(answer)
  onTestFinished(server.close)
  const service = await createTunnelService()
  onTestFinished(() => service.close())
  const client = createTunnelClient({...service.clientOptions(), mcp: {url: server.url.href}})
  onTestFinished(() => client.close())
  await client.start()
  await client.waitUntilReady()
  return {url: service.mcpUrl, server}
}

test('the headers of a GET stream come when the server opens it, and not with its first event', async () => {
  const {url} = await tunnelTo((asked, reply) => {
    if (asked.method !== 'GET') handshakeServer(asked, reply)
    else reply.writeHead(200, {'Content-Type': 'text/event-stream'}).flushHeaders()
  })
  const started = performance.now()
  const reply = await fetch(url, {headers: {accept: 'text/event-stream', 'mcp-session-id': 's1'}})
  expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  // Without a word of the daemon the service opens it after 15 s of silence.
  expect(performance.now() - started).toBeLessThan(8000)
  await reply.body?.cancel()
})

test('a header value in UTF-8 crosses as the same bytes in both directions', async () => {
  const {url, server} = await tunnelTo((asked, reply) => {
    if (asked.body.includes('tools/call'))
      reply.setHeader('WWW-Authenticate', Buffer.from('Basic realm="café"').toString('latin1'))
    handshakeServer(asked, reply)
  })
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
  const bytes = Buffer.from('café 🚇').toString('latin1')
  const back = await new Promise<string | undefined>((resolve, reject) => {
    const headers = {'content-type': 'application/json', accept: 'application/json', 'x-name': bytes}
    request(url, {method: 'POST', headers}, (reply) => {
      reply.resume()
      resolve(reply.headers['www-authenticate'])
    })
      .on('error', reject)
      // Of a string Node writes the header fields as UTF-8, too.
      .end(Buffer.from(body))
  })
  const seen = server.seen.find((asked) => asked.body.includes('tools/call'))?.headers['x-name']
  expect(Buffer.from(String(seen), 'latin1').toString()).toBe('café 🚇')
  expect(Buffer.from(String(back), 'latin1').toString()).toBe('Basic realm="café"')
})
