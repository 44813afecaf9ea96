import {describe, expect, it} from 'vitest'
import {call} from './support/caller.ts'
import {startDaemon, startService} from './support/with-service.ts'

const ended = {resp_type: 'session_termination_response', resp_json: undefined}

describe('DELETE', () => {
  it('becomes a session_termination and brings back the status and headers of its answer', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(`${service.mcpUrl}/tools`, '', {method: 'DELETE', headers: {'mcp-session-id': 'abc'}})
    const command = await daemon.next()
    expect(command).toMatchObject({command_type: 'session_termination', channel: 'tools'})
    expect(command.headers['mcp-session-id']).toEqual(['abc'])
    expect(command).not.toHaveProperty('jsonrpc')
    await daemon.respond(command, {
      ...ended,
      resp_headers: {'Mcp-Session-Id': ['abc'], 'Content-Type': ['x/y']},
      resp_code: 204,
    })
    const {status, headers, text} = await reply
    expect([status, headers['mcp-session-id'], text]).toEqual([204, 'abc', ''])
  })

  it.each([200, 404, 405, 502])('passes %i on, without a body', async (code) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, '', {method: 'DELETE', headers: {'mcp-session-id': 'abc'}})
    await daemon.respond(await daemon.next(), {...ended, resp_headers: undefined, resp_code: code})
    expect(await reply).toMatchObject({status: code, text: ''})
  })

  it('without a session is refused', async () => {
    const service = await startService()
    const {status, text} = await call(service.mcpUrl, '', {method: 'DELETE'})
    expect([status, JSON.parse(text).error]).toMatchObject([
      400,
      {code: 'missing_mcp_session_id', param: 'Mcp-Session-Id'},
    ])
  })

  it('that nobody answers is 504', async () => {
    const service = await startService({responseTimeoutMs: 40})
    const {status} = await call(service.mcpUrl, '', {method: 'DELETE', headers: {'mcp-session-id': 'abc'}})
    expect(status).toBe(504)
  })
})

describe('protected-resource metadata', () => {
  const fetchWith = async (members: Record<string, unknown>) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const origin = new URL(service.mcpUrl).origin
    const reply = call(`${origin}/.well-known/oauth-protected-resource${service.mcpUrlPath}`, '', {method: 'GET'})
    const command = await daemon.next()
    await daemon.respond(command, {resp_type: 'oauth_discovery_response', ...members})
    return {command, reply: await reply, resource: service.mcpUrl}
  }

  it('is asked from the daemon, and names this tunnel as the resource; the rest stays as it was', async () => {
    const {command, reply, resource} = await fetchWith({
      resp_json: {a: 1, resource: 'http://internal/mcp', authorization_servers: ['https://as.example']},
      resp_headers: {'Content-Type': ['text/plain'], 'Cache-Control': ['max-age=60'], 'Set-Cookie': ['a=1']},
    })
    expect(command).toMatchObject({command_type: 'oauth_discovery', channel: 'main', headers: {}})
    expect(reply.text).toBe(`{"a":1,"resource":"${resource}","authorization_servers":["https://as.example"]}`)
    expect(reply).toMatchObject({
      status: 200,
      headers: {'content-type': 'application/json', 'cache-control': 'max-age=60'},
    })
  })

  it('gets a resource when it has none', async () => {
    const {reply, resource} = await fetchWith({resp_json: {}})
    expect(JSON.parse(reply.text)).toEqual({resource})
    const {reply: more} = await fetchWith({resp_json: {b: 1}})
    expect(Object.keys(JSON.parse(more.text))).toEqual(['resource', 'b'])
  })

  it('keeps the status of a failure', async () => {
    const {reply} = await fetchWith({resp_json: {error: 'x'}, resp_code: 404})
    expect(reply.status).toBe(404)
  })

  it('is 502 when the daemon answers without a document', async () => {
    const {reply} = await fetchWith({resp_type: 'notify_ack', resp_json: undefined})
    expect([reply.status, JSON.parse(reply.text).error.message]).toEqual([502, 'invalid OAuth discovery response'])
  })

  it('is only read', async () => {
    const service = await startService()
    const url = `${new URL(service.mcpUrl).origin}/.well-known/oauth-protected-resource${service.mcpUrlPath}`
    const {status, headers} = await call(url, '{}')
    expect([status, headers.allow]).toEqual([405, 'GET'])
  })
})
