// Two replicas of a real server behind a load balancer that finds the replica of a session by a cookie.

import {createServer, request as forward} from 'node:http'
import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client'
import {afterEach, expect, test} from 'vitest'
import {listenInTest} from '../support/servers/loopback.ts'
import {Tunnel} from './tunnel.ts'

interface Balancer {
  readonly url: string
  /** Requests that came without a cookie after the first of their session. */
  readonly strays: string[]
}

/** Requests without a cookie go to each replica in turn, which is then named in a cookie. */
async function balance(replicas: readonly string[]): Promise<Balancer> {
  const strays: string[] = []
  let turn = 0
  const server = createServer((request, response) => {
    const named = /(?:^|; )route=(\d)/.exec(request.headers.cookie ?? '')?.[1]
    if (named === undefined && request.headers['mcp-session-id'] !== undefined) strays.push(request.method ?? '')
    const route = named === undefined ? turn++ % replicas.length : Number(named)
    const {hostname, port} = new URL(replicas[route]!)
    const {method, url, headers} = request
    const onward = forward({host: hostname, port, method, path: url, headers}, (reply) => {
      const cookie = named === undefined ? ['Set-Cookie', `route=${route}; Path=/; HttpOnly`] : []
      response.writeHead(reply.statusCode ?? 502, [...reply.rawHeaders, ...cookie])
      response.flushHeaders()
      reply.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  return {url: `http://127.0.0.1:${await listenInTest(server)}/mcp`, strays}
}

let tunnel = new Tunnel()
afterEach(() => tunnel.stop())

test('every caller stays with the replica of its session, the daemon is ready, and no cookie reaches a caller', async () => {
  tunnel = new Tunnel()
  const service = await tunnel.service()
  const replicas = [await tunnel.everythingHttp(), await tunnel.everythingHttp()]
  const balancer = await balance(replicas.map(({http}) => http))
  const daemon = await tunnel.daemon(service, {http: balancer.url})
  await daemon.ready()
  const cookies: string[] = []
  const answers = await Promise.all(
    Array.from({length: 6}, async (_, n) => {
      const client = new Client({name: `caller-${n}`, version: '1'}, {versionNegotiation: {mode: 'legacy'}})
      const watched: typeof fetch = async (input, init) => {
        const reply = await fetch(input, init)
        cookies.push(...reply.headers.getSetCookie())
        return reply
      }
      await client.connect(new StreamableHTTPClientTransport(new URL(service.mcpUrl), {fetch: watched}))
      const result = await client.callTool({name: 'echo', arguments: {message: `hello ${n}`}})
      await client.close()
      return (result as {content: {text: string}[]}).content[0]?.text
    }),
  )
  expect(answers).toEqual(Array.from({length: 6}, (_, n) => `Echo: hello ${n}`))
  expect(cookies).toEqual([])
  expect(balancer.strays).toEqual([])
  expect((await daemon.get('/readyz')).status).toBe(200)
})
