import {describe, expect, test} from 'vitest'
import type {ChannelSink} from '../../../src/tunnel/channels/index.ts'
import {answerAll, fakeChannel, JSON_HEAD, refusedFailure} from '../../support/fake-channel.ts'
import {callCommand, notificationCommand} from '../../support/relay-rig.ts'
import {holding, running} from './world.ts'

describe('a call', () => {
  test('crosses byte for byte, both ways', async () => {
    const payload =
      '{ "jsonrpc" : "2.0", "id":9007199254740993,"method":"m","params":{"n":1.0,"u":"\u2028\\u2028"},"unknown":[ 1e3 ]}'
    const result = '{"jsonrpc":"2.0","id":9007199254740993,\n"result":{"n":9007199254740993,"s":"<&>\u2028"}}'
    const channel = fakeChannel({
      serve: (_, sink) =>
        sink.onResponse(Buffer.from(result), {status: 200, headers: ['content-type', 'application/json; charset=x']}),
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(`{"request_id":"r1","shard_token":"s","command_type":"jsonrpc","jsonrpc":${payload}}`)
    const {body, json, headers} = await plane.terminal('r1')
    expect(channel.calls[0]!.message.raw.toString()).toBe(payload)
    expect(body.includes(result)).toBe(true)
    expect(json).toMatchObject({
      channel: 'main',
      resp_code: 200,
      resp_type: 'jsonrpc_response',
      resp_headers: {'Content-Type': ['application/json']},
    })
    expect(headers['x-tunnel-shard-token']).toBe('s')
  })

  test('over a transport without statuses reports 200, and keeps the label of an event stream', async () => {
    const channel = fakeChannel({
      serve: ({message, requestId}, sink) =>
        sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":1}`), {
          status: requestId === 'stdio' ? 0 : 200,
          headers: requestId === 'stdio' ? [] : ['content-type', 'text/event-stream', 'set-cookie', 'a=b'],
        }),
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('stdio'), callCommand('sse', {headers: {'x-request-id': ['q']}}))
    expect((await plane.terminal('stdio')).json).toMatchObject({
      resp_code: 200,
      resp_headers: {'Content-Type': ['application/json']},
    })
    const sse = await plane.terminal('sse')
    expect(sse.json.resp_headers).toEqual({'Content-Type': ['text/event-stream']})
    expect(sse.headers['x-client-request-id']).toBe('q')
  })

  test('its notifications come before its answer, in order', async () => {
    const channel = fakeChannel({
      serve: ({message}, sink) => {
        const head = {status: 200, headers: ['content-type', 'text/event-stream', 'mcp-session-id', 's']}
        for (let n = 0; n < 50; n++) {
          sink.onNotification(
            Buffer.from(`{"jsonrpc":"2.0","method":"notifications/message","params":{"n":${n}}}`),
            head,
          )
        }
        sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`), head)
      },
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1'))
    await plane.terminal('r1')
    expect(plane.responses.map(({json}) => json.resp_json.params?.n ?? json.resp_type)).toEqual([
      ...Array.from({length: 50}, (_, n) => n),
      'jsonrpc_response',
    ])
    expect(plane.responses[0]!.json).toMatchObject({
      resp_type: 'jsonrpc_notify',
      resp_code: 200,
      resp_headers: {'Content-Type': ['text/event-stream'], 'Mcp-Session-Id': ['s']},
    })
  })

  test('a failed one is answered with the failure, named precisely', async () => {
    const {plane, logged} = await running({
      channels: [fakeChannel({serve: (_, sink) => sink.onFailure(refusedFailure)})],
    })
    plane.enqueue(callCommand('r1', {id: 'x'}), notificationCommand('n1'))
    expect((await plane.terminal('r1')).json).toMatchObject({
      resp_code: 502,
      resp_type: 'jsonrpc_response',
      resp_headers: {'Content-Type': ['application/json']},
      resp_json: {
        id: 'x',
        error: {code: -32603, data: {tunnel_failure: {source: 'connect'}, failure_class: 'refused'}},
      },
    })
    expect((await plane.terminal('n1')).json).toEqual({
      request_id: 'n1',
      channel: 'main',
      resp_code: 502,
      resp_type: 'notify_ack',
    })
    const text = 'dispatcher received MCP upstream error; posted error response to control plane'
    await plane.until('the record', () => logged(text).length === 2)
    const [record] = logged(text).filter(({attrs}) => attrs.request_id === 'r1')
    expect(record!.attrs).toMatchObject({rpc_request_id: 'x', failure_class: 'refused'})
  })

  test('no record says posted for what the control plane did not take', async () => {
    const {plane, logged, logs} = await running({
      channels: [fakeChannel({serve: (_, sink) => sink.onFailure(refusedFailure)})],
    })
    plane.onResponse = (_, response) => {
      response.writeHead(403)
      response.end()
      return true
    }
    plane.enqueue(callCommand('r1'))
    await plane.until('the failure', () => logged('failed to process polled command').length === 1)
    expect(logs.filter(({message}) => message.includes('posted'))).toEqual([])
  })

  test("the server's own error passes as it is", async () => {
    const error = '{"jsonrpc":"2.0","id":1,"error":{"code":-32003,"message":"no"},"x":1.0}'
    const channel = fakeChannel({
      serve: (_, sink) =>
        sink.onFailure({
          ...refusedFailure,
          failure: 'mcp_status',
          source: 'target_http',
          kind: 'http_status',
          status: 403,
          upstreamResponded: true,
          headers: ['content-type', 'text/plain', 'www-authenticate', 'Bearer'],
          preserved: Buffer.from(error),
        }),
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1', {id: 1}))
    const {body, json} = await plane.terminal('r1')
    expect(body.includes(error)).toBe(true)
    expect(json).toMatchObject({
      resp_code: 403,
      resp_headers: {'Content-Type': ['application/json'], 'Www-Authenticate': ['Bearer']},
    })
  })

  test('whose stream broke keeps the label of the stream that the server had begun', async () => {
    const channel = fakeChannel({
      serve: (_, sink) =>
        sink.onFailure({
          ...refusedFailure,
          failure: 'mcp_stream_ended',
          headers: ['content-type', 'text/event-stream', 'mcp-session-id', 's'],
        }),
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1', {id: 1}))
    expect((await plane.terminal('r1')).json).toMatchObject({
      resp_code: 502,
      resp_headers: {'Content-Type': ['text/event-stream'], 'Mcp-Session-Id': ['s']},
      resp_json: {id: 1, error: {data: {failure_class: 'mcp_stream_ended'}}},
    })
  })

  test('a transport that breaks costs one call, with an answer', async () => {
    const channel = fakeChannel({
      serve: (call, sink, self) => {
        if (call.requestId === 'r1') throw new Error('a defect')
        answerAll(call, sink, self)
      },
    })
    const {plane, logged} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(callCommand('r1'), callCommand('r2'))
    expect((await plane.terminal('r1')).json).toMatchObject({
      resp_code: 502,
      resp_json: {error: {data: {tunnel_failure: {source: 'client_internal', transport_error_kind: 'unknown'}}}},
    })
    expect((await plane.terminal('r2')).json.resp_code).toBe(200)
    expect(logged('a transport threw')).toHaveLength(1)
  })

  test('a transport that speaks twice, or too late, is heard once', async () => {
    let late: ChannelSink | null = null
    const channel = fakeChannel({
      serve: ({message}, sink) => {
        const body = Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`)
        sink.onResponse(body, JSON_HEAD)
        sink.onResponse(body, JSON_HEAD)
        sink.onFailure(refusedFailure)
        sink.onNotification(body, JSON_HEAD)
        late = sink
      },
    })
    const {plane, relay} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1'))
    await plane.terminal('r1')
    late!.onFailure(refusedFailure)
    plane.enqueue(callCommand('r2'))
    await plane.terminal('r2')
    await plane.until('rest', () => relay.snapshot().posting === 0)
    expect(plane.responses.map(({json}) => json.request_id)).toEqual(['r1', 'r2'])
  })
})

describe('commands that are no ordinary calls', () => {
  test('a notification is acknowledged, without body', async () => {
    const {plane} = await running()
    plane.enqueue(notificationCommand('n1', {session: 's'}))
    expect((await plane.terminal('n1')).body.toString()).toBe(
      '{"request_id":"n1","channel":"main","resp_code":202,"resp_type":"notify_ack"}',
    )
  })

  test('the end of a session goes to the server and its status comes back', async () => {
    const channel = fakeChannel({
      terminate: async () => ({status: 204, headers: ['mcp-session-id', 's', 'content-length', '0']}),
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue({
      request_id: 't1',
      shard_token: 's',
      command_type: 'session_termination',
      headers: {'mcp-session-id': ['s']},
    })
    expect((await plane.terminal('t1')).json).toEqual({
      request_id: 't1',
      channel: 'main',
      resp_headers: {'Mcp-Session-Id': ['s']},
      resp_code: 204,
      resp_type: 'session_termination_response',
    })
    expect(channel.terminated).toEqual([['Mcp-Session-Id', 's']])
  })

  test('channels that are not here are refused byte for byte as the reference does, never served by main', async () => {
    const {plane, channel, events} = await running()
    const base = {shard_token: 's', channel: 'Other'}
    plane.enqueue(
      callCommand('call', {channel: 'other', id: 7}),
      {...base, request_id: 'oauth', command_type: 'oauth_discovery'},
      {...base, request_id: 'end', command_type: 'session_termination', headers: {'Mcp-Session-Id': ['s']}},
    )
    expect((await plane.terminal('call')).body.toString()).toBe(
      '{"request_id":"call","channel":"other","resp_json":{"jsonrpc":"2.0","id":7,"error":{"code":-32603,' +
        '"message":"Bad Request: unsupported channel \\"other\\""}},"resp_code":400,"resp_type":"jsonrpc_response"}',
    )
    expect((await plane.terminal('oauth')).json).toEqual({
      request_id: 'oauth',
      channel: 'other',
      resp_json: {
        error: {code: 'unsupported_channel', message: 'unsupported channel "other"', type: 'invalid_request_error'},
      },
      resp_code: 400,
      resp_type: 'oauth_discovery_response',
    })
    expect((await plane.terminal('end')).json).toEqual({
      request_id: 'end',
      channel: 'other',
      resp_code: 400,
      resp_type: 'session_termination_response',
    })
    expect(channel.calls).toEqual([])
    expect(events.filter(({type}) => type === 'unsupported_channel')).toHaveLength(3)
  })

  test('what cannot be understood is answered when it can be addressed', async () => {
    const {plane, logged} = await running()
    plane.enqueue(
      {request_id: 'bad', shard_token: 's', command_type: 'jsonrpc', jsonrpc: {jsonrpc: '2.0', id: 'x', method: 4}},
      {request_id: 'odd', shard_token: 's', command_type: 'reboot'},
      '{"request_id":"silent"}',
      {request_id: 'end', shard_token: 's', command_type: 'session_termination'},
      callCommand('good'),
    )
    expect((await plane.terminal('bad')).json).toMatchObject({
      resp_code: 400,
      resp_type: 'jsonrpc_response',
      resp_json: {jsonrpc: '2.0', id: 'x', error: {code: -32600}},
    })
    expect((await plane.terminal('odd')).json).toMatchObject({resp_code: 400, resp_json: {id: null}})
    expect((await plane.terminal('end')).json).toMatchObject({
      resp_type: 'session_termination_response',
      resp_code: 400,
    })
    await plane.terminal('good')
    expect(plane.responses.some(({json}) => json.request_id === 'silent')).toBe(false)
    expect(logged('control-plane command dropped: unknown command_type')).toHaveLength(1)
  })

  test('an OAuth discovery and an answer that nobody asked for are not left hanging', async () => {
    const {plane, channel} = await running()
    plane.enqueue(
      {request_id: 'oauth', shard_token: 's', command_type: 'oauth_discovery'},
      {request_id: 'stray', shard_token: 's', command_type: 'jsonrpc', jsonrpc: {jsonrpc: '2.0', id: 0, result: {}}},
    )
    expect((await plane.terminal('oauth')).json).toMatchObject({resp_type: 'oauth_discovery_response', resp_code: 404})
    expect((await plane.terminal('stray')).json).toMatchObject({resp_type: 'notify_ack', resp_code: 404})
    expect(channel.calls).toEqual([])
  })
})

describe('exactly one answer', () => {
  test('a command that comes again is not run again', async () => {
    const {channel, answer} = holding()
    const {plane, relay} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1'), callCommand('r1'))
    await plane.until('both', () => relay.snapshot().totals.duplicates === 1)
    answer('r1')
    await plane.terminal('r1')
    plane.enqueue(callCommand('r1'), callCommand('r2'))
    await plane.until('r2', () => channel.calls.length === 2)
    expect(channel.calls.map(({requestId}) => requestId)).toEqual(['r1', 'r2'])
    expect(relay.snapshot().totals.duplicates).toBe(2)
  })

  test('an answer that could not be delivered is posted again when its command comes again', async () => {
    const {plane, channel, relay} = await running()
    plane.onResponse = (_, response) => {
      response.statusCode = 401
      response.end('{}')
      return true
    }
    plane.enqueue(callCommand('r1'))
    await plane.until('the failure', () => relay.snapshot().totals.undelivered === 1)
    plane.onResponse = undefined
    plane.enqueue({...callCommand('r1'), shard_token: 'second'})
    await plane.until('the answer', () => relay.snapshot().totals.delivered === 1)
    expect(channel.calls).toHaveLength(1)
    expect(plane.responses[1]!.body.equals(plane.responses[0]!.body)).toBe(true)
    expect(plane.responses[1]!.headers['x-tunnel-shard-token']).toBe('second')
  })

  test('an answer that is too large for the service is replaced by a small error', async () => {
    const channel = fakeChannel({
      serve: ({message}, sink) =>
        sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":"${'x'.repeat(5000)}"}`), JSON_HEAD),
    })
    const {plane} = await running({channels: [channel]})
    plane.onResponse = (_, response, body) => {
      if (body.length < 2000) return false
      response.statusCode = 413
      response.end('{}')
      return true
    }
    plane.enqueue(callCommand('r1', {id: 5}))
    await plane.until('both', () => plane.responses.length === 2)
    expect(plane.responses[1]!.json).toMatchObject({
      request_id: 'r1',
      resp_code: 502,
      resp_json: {id: 5, error: {data: {tunnel_failure: {transport_error_kind: 'response_body_too_large'}}}},
    })
  })

  test('an answer that is no JSON is replaced when the service says so, not before', async () => {
    const channel = fakeChannel({
      serve: ({message}, sink) =>
        sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":[1 2]}`), JSON_HEAD),
    })
    const {plane} = await running({channels: [channel]})
    plane.onResponse = (_, response, body) => {
      if (!body.includes('[1 2]')) return false
      response.statusCode = 400
      response.end('{}')
      return true
    }
    plane.enqueue(callCommand('r1'))
    await plane.until('both', () => plane.responses.length === 2)
    expect(plane.responses[1]!.json).toMatchObject({
      resp_json: {error: {data: {tunnel_failure: {source: 'protocol', transport_error_kind: 'malformed_json'}}}},
    })
  })
})
