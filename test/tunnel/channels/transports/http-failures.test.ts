import {describe, expect, it} from 'vitest'
import {call, openHttpChannel} from '../../../support/open-channel.ts'
import {quietPort} from '../../../support/servers/loopback.ts'
import {events, json, type RawAnswer} from '../../../support/servers/raw-http-server.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"n":1}}'

describe('failures are named', () => {
  const cases: [string, RawAnswer, object][] = [
    [
      '500 text',
      (_, r) => r.writeHead(500, {'Content-Type': 'text/plain'}).end('boom'),
      {status: 500, source: 'target_http', kind: 'malformed_json', upstreamResponded: true},
    ],
    [
      '500 empty',
      (_, r) => r.writeHead(500).end(),
      {status: 500, source: 'target_http', kind: 'response_body_missing'},
    ],
    [
      '401 other JSON',
      (_, r) => r.writeHead(401, {'WWW-Authenticate': 'Bearer x="y"'}).end('{"error":"no"}'),
      {status: 401, kind: 'invalid_mcp_error', failure: 'mcp_auth'},
    ],
    [
      '302',
      (_, r) => r.writeHead(302, {Location: 'http://other.invalid/'}).end(),
      {status: 302, source: 'protocol', upstreamResponded: false, failure: 'redirected'},
    ],
    ['304', (_, r) => r.writeHead(304).end(), {status: 304, upstreamResponded: false, failure: 'mcp_status'}],
    [
      '500 in an encoding that is broken',
      (_, r) => r.writeHead(500, {'Content-Encoding': 'gzip'}).end('xx'),
      {status: 500, kind: 'response_body_unreadable', upstreamResponded: true, failure: 'mcp_status'},
    ],
    [
      '500 in an unknown encoding',
      (_, r) => r.writeHead(500, {'Content-Encoding': 'x'}).end('xx'),
      {status: 500, kind: 'response_body_unreadable', upstreamResponded: true, failure: 'mcp_status'},
    ],
    [
      '200 html',
      (_, r) => r.writeHead(200, {'Content-Type': 'text/html'}).end('<p>'),
      {status: 502, source: 'protocol', kind: 'non_protocol_response'},
    ],
    [
      '202',
      (_, r) => r.writeHead(202).end(),
      {status: 502, source: 'protocol', kind: 'response_body_missing', failure: 'mcp_no_answer'},
    ],
    ['empty JSON', (_, r) => json(r, ''), {status: 502, kind: 'response_body_missing'}],
    ['garbage JSON', (_, r) => json(r, '{"jsonrpc":'), {status: 502, source: 'protocol', kind: 'malformed_json'}],
    ['not UTF-8', (_, r) => json(r, Buffer.from([0x7b, 0xff, 0x7d])), {status: 502, kind: 'malformed_json'}],
    [
      'another id',
      (_, r) => json(r, '{"jsonrpc":"2.0","id":"2","result":1}'),
      {status: 502, source: 'protocol', kind: 'invalid_protocol_response'},
    ],
    ['only a notification', (_, r) => json(r, NOTE), {status: 502, kind: 'invalid_protocol_response'}],
    [
      'unknown encoding',
      (_, r) => r.writeHead(200, {'Content-Type': 'application/json', 'Content-Encoding': 'compress'}).end('x'),
      {status: 502, kind: 'response_body_unreadable', failure: 'undecodable'},
    ],
    [
      'cut',
      (_, r) =>
        void r
          .writeHead(200, {'Content-Type': 'application/json', 'Content-Length': '99'})
          .write('{', () => r.destroy()),
      {status: 502, source: 'transport_closed'},
    ],
    [
      'more than 64 MiB',
      (_, r) => json(r, Buffer.alloc(65 * 1024 * 1024, ' ')),
      {status: 502, source: 'protocol', kind: 'response_body_too_large', failure: 'too_large'},
    ],
  ]
  it.each(cases)('%s, and the session is left alone', async (_name, answer, expected) => {
    const {channel, server} = await openHttpChannel(answer)
    const {failure, settled} = await call(channel, CALL)
    expect(failure).toMatchObject(expected)
    expect(failure!.preserved).toBeUndefined()
    expect(settled).toBe(1)
    expect(server.seen.map(({method}) => method)).toEqual(['POST'])
  })

  it('nobody listens', async () => {
    const {channel, server} = await openHttpChannel((_, reply) => json(reply, OK), {}, {port: await quietPort()})
    await server.close()
    expect((await call(channel, CALL)).failure).toMatchObject({
      status: 502,
      source: 'connect',
      kind: 'connection_refused',
      failure: 'refused',
    })
  })

  it("keeps the server's own error, and gives one with another id or none the id of the call", async () => {
    const bodies = [
      '{"jsonrpc":"2.0", "id":1,"error":{"code":-32001,"message":"no","data":1.0},"x":1}',
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request"},"id":null}',
      '{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"Bad Request"}}',
      '{"error":{"code":-32000,"message":"Bad Request"},"jsonrpc":"2.0"}',
    ]
    const {channel} = await openHttpChannel((_, reply) => json(reply, bodies.shift()!, 400))
    const preserved = async (): Promise<string> => (await call(channel, CALL)).failure!.preserved!.toString()
    const [own] = bodies
    expect(await preserved()).toBe(own)
    expect(await preserved()).toBe('{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request"},"id":1}')
    expect(await preserved()).toBe('{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Bad Request"}}')
    expect(JSON.parse(await preserved())).toMatchObject({id: 1, error: {code: -32000}})
  })

  it.each([
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
    '{"jsonrpc":"2.0", "error":{"code":-32700,"message":"Parse error"}}',
  ])('an error that names no id is the answer to the only call that it can be about: %s', async (error) => {
    const {channel, server} = await openHttpChannel((_, reply) => json(reply, error))
    const answer = {jsonrpc: '2.0', id: 1, error: {code: -32700, message: 'Parse error'}}
    expect(JSON.parse((await call(channel, CALL)).response!)).toEqual(answer)
    server.answer = (_, reply) => events(reply).end(`id: 7\ndata: ${error}\n\n`)
    expect(JSON.parse((await call(channel, CALL)).response!)).toEqual(answer)
    // What it was about is known only when the answer itself does not come.
    server.answer = (_, reply) => events(reply).end(`data: ${error}\n\ndata: ${OK}\n\n`)
    expect((await call(channel, CALL)).response).toBe(OK)
    expect(server.seen).toHaveLength(3)
  })

  it('tells the status of a refused notification', async () => {
    const {channel} = await openHttpChannel((_, reply) => json(reply, '{}', 404))
    expect((await call(channel, NOTE)).failure).toMatchObject({
      status: 404,
      upstreamResponded: true,
      kind: 'invalid_mcp_error',
    })
  })
})
