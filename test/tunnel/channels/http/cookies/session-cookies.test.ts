import {describe, expect, it} from 'vitest'
import {responseHeaders} from '../../../../../src/foundation/wire/index.ts'
import type {ChannelsOptions} from '../../../../../src/tunnel/channels/index.ts'
import {call, openHttpChannel} from '../../../../support/open-channel.ts'
import {json, type RawAnswer, type SeenRequest} from '../../../../support/servers/raw-http-server.ts'

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}'
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const session = (id: string): string[] => ['Mcp-Session-Id', id]

/** Opens session s1, s2, … with a cookie of its own. */
function cookieServer(): RawAnswer {
  let sessions = 0
  return ({body}, reply) => {
    const {id, method} = JSON.parse(body.toString() || '{}') as {id?: number; method?: string}
    if (method === 'initialize') {
      sessions += 1
      reply.setHeader('Mcp-Session-Id', `s${sessions}`)
      reply.setHeader('Set-Cookie', [`route=r${sessions}; Path=/mcp; HttpOnly`, 'seen=1; Max-Age=3600'])
    }
    json(reply, JSON.stringify({jsonrpc: '2.0', id: id ?? null, result: {}}))
  }
}

const open = (more: Partial<ChannelsOptions> = {}) => openHttpChannel(cookieServer(), more)
const cookieOf = (request: SeenRequest | undefined) => request?.headers.cookie

describe('cookies of an MCP server', () => {
  it('come back with every request of their session, and with no other', async () => {
    const {channel, server} = await open()
    const opened = await call(channel, INITIALIZE)
    await call(channel, INITIALIZE)
    await call(channel, CALL, session('s1'))
    await call(channel, CALL, session('s2'))
    await call(channel, CALL, session('unknown'))
    await call(channel, CALL)
    const stream = channel.listen!(
      {requestId: 'g', headers: session('s1')},
      {
        onNotification: () => {},
        onResponse: () => {},
        onAccepted: () => {},
        onFailure: () => {},
      },
    )
    await channel.terminateSession(session('s1'), null)
    stream.cancel('gone')
    await call(channel, CALL, session('s1'))
    const seen = server.seen.map((request) => [request.method, cookieOf(request)])
    expect(seen).toEqual([
      ['POST', undefined],
      ['POST', undefined],
      ['POST', 'route=r1; seen=1'],
      ['POST', 'route=r2; seen=1'],
      ['POST', undefined],
      ['POST', undefined],
      ['GET', 'route=r1; seen=1'],
      ['DELETE', 'route=r1; seen=1'],
      ['POST', undefined],
    ])
    expect(opened.head!.headers).toContain('route=r1; Path=/mcp; HttpOnly')
    expect(responseHeaders(opened.head!.headers)).toEqual(['Mcp-Session-Id', 's1', 'Content-Type', 'application/json'])
  })

  it('are forgotten with a session that its server does not know', async () => {
    const {channel, server} = await open()
    await call(channel, INITIALIZE)
    server.answer = (_, reply) => void reply.writeHead(404).end()
    await call(channel, CALL, session('s1'))
    await call(channel, CALL, session('s1'))
    expect(server.seen.map(cookieOf)).toEqual([undefined, 'route=r1; seen=1', undefined])
  })

  it('give way to those of the caller by name', async () => {
    const {channel, server} = await open()
    await call(channel, INITIALIZE)
    await call(channel, CALL, [...session('s1'), 'Cookie', 'route=mine; own=2'])
    expect(cookieOf(server.seen[1])).toBe('route=mine; own=2; seen=1')
  })

  it('set by a redirect go to the place that it names', async () => {
    const {channel, server} = await openHttpChannel(({url}, reply) => {
      if (url === '/mcp') reply.writeHead(307, {Location: '/there', 'Set-Cookie': 'hop=1; Path=/'}).end()
      else json(reply, '{"jsonrpc":"2.0","id":1,"result":{}}')
    })
    await call(channel, CALL)
    await call(channel, CALL)
    expect(server.seen.map((request) => [request.url, cookieOf(request)])).toEqual([
      ['/mcp', undefined],
      ['/there', 'hop=1'],
      ['/mcp', undefined],
      ['/there', 'hop=1'],
    ])
  })
})
