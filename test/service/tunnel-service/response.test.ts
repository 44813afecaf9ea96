import {describe, expect, it} from 'vitest'
import {call, toolCall} from './support/caller.ts'
import type {PolledCommand} from './support/daemon.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

async function waitingCall() {
  const service = await startService()
  const daemon = startDaemon(service)
  const reply = call(service.mcpUrl, toolCall(1))
  const command = await daemon.next()
  return {service, daemon, reply, command}
}

const payloadOf = (command: PolledCommand, members: Record<string, unknown>) => ({
  request_id: command.request_id,
  resp_json: {jsonrpc: '2.0', id: 1, result: {}},
  resp_code: 200,
  ...members,
})

describe('a post of a daemon', () => {
  it('answers the caller and is acknowledged', async () => {
    const {daemon, reply, command} = await waitingCall()
    const post = await daemon.post(JSON.stringify(payloadOf(command, {})), {
      'x-tunnel-shard-token': command.shard_token,
    })
    expect(post).toEqual({status: 200, json: {status: 'ok'}})
    expect(await reply).toMatchObject({status: 200, text: '{"jsonrpc":"2.0","id":1,"result":{}}'})
  })

  it.each([
    ['an unknown member', {extra: 1}, 'extra'],
    ['a shard token in the body', {shard_token: 'x'}, 'shard_token'],
    ['no resp_code', {resp_code: undefined}, 'resp_code'],
    ['a resp_code that is no status', {resp_code: 1}, 'resp_code'],
    ['a resp_code that is a string', {resp_code: '200'}, 'resp_code'],
    ['a resp_json that is no object', {resp_json: []}, 'resp_json'],
    ['no resp_json', {resp_json: undefined}, 'resp_json'],
    ['an unknown resp_type', {resp_type: 'other'}, 'resp_type'],
    ['resp_json in an acknowledgement', {resp_type: 'notify_ack'}, 'resp_json'],
    ['a notification without resp_json', {resp_type: 'jsonrpc_notify', resp_json: null}, 'resp_json'],
    ['headers that are no lists', {resp_headers: {A: 'b'}}, 'resp_headers'],
    ['headers that are a list', {resp_headers: []}, 'resp_headers'],
    ['no request_id', {request_id: ''}, 'request_id'],
    ['a number as request_id', {request_id: 7}, 'request_id'],
  ])('with %s is refused, and the call goes on', async (_name, members, param) => {
    const {daemon, reply, command} = await waitingCall()
    const bad = await daemon.post(JSON.stringify(payloadOf(command, members)), {
      'x-tunnel-shard-token': command.shard_token,
    })
    expect(bad.status).toBe(400)
    expect(bad.json.error).toMatchObject({code: 'invalid_response_payload', param})
    expect(await daemon.respond(command)).toBe(200)
    expect((await reply).status).toBe(200)
  })

  it.each([
    ['no JSON', '{"request_id":', 'invalid_response_payload'],
    ['a list', '[]', 'invalid_response_payload'],
    ['a member twice', '{"request_id":"a","request_id":"b","resp_code":200}', 'invalid_response_payload'],
    [
      'bytes after the value',
      '{"request_id":"a","resp_code":202,"resp_type":"notify_ack"} x',
      'invalid_response_payload',
    ],
    ['a broken escape', '{"request_id":"\\q","resp_code":202,"resp_type":"notify_ack"}', 'invalid_response_payload'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'invalid_response_payload'],
    [
      'a bad channel',
      '{"request_id":"a","channel":"a b","resp_code":202,"resp_type":"notify_ack"}',
      'invalid_channel_format',
    ],
  ])('that is %s is refused', async (_name, body, code) => {
    const service = await startService()
    const {status, json} = await startDaemon(service).post(body, {'x-tunnel-shard-token': 's'})
    expect(status).toBe(400)
    expect(json.error?.code).toBe(code)
  })

  it('needs the shard token of its command', async () => {
    const {daemon, reply, command} = await waitingCall()
    const body = JSON.stringify(payloadOf(command, {}))
    for (const headers of [{}, {'x-tunnel-shard-token': command.request_id}]) {
      const {status, json} = await daemon.post(body, headers as Record<string, string>)
      expect(status).toBe(400)
      expect(json.error?.code).toBe('invalid_shard_token')
    }
    await daemon.respond(command)
    expect((await reply).status).toBe(200)
  })

  it('is answered 404 when nobody waits: unknown, answered or given up', async () => {
    const {service, daemon, reply, command} = await waitingCall()
    expect(await daemon.respond({...command, request_id: 'req_other'})).toBe(404)
    await daemon.respond(command)
    await reply
    expect(await daemon.respond(command)).toBe(404)

    const hangUp = new AbortController()
    const given = call(service.mcpUrl, toolCall(2), {signal: hangUp.signal}).catch(() => 'gone')
    const second = await daemon.next()
    hangUp.abort()
    await given
    await until(() => service.snapshot()!.inFlight === 0)
    const late = await daemon.post(JSON.stringify(payloadOf(second, {})), {'x-tunnel-shard-token': second.shard_token})
    expect(late.status).toBe(404)
    expect(late.json.error).toMatchObject({code: 'pending_request_not_found', type: 'invalid_request_error'})
  })

  it('larger than the limit is answered 413, and the caller can still be answered', async () => {
    const {daemon, reply, command} = await waitingCall()
    const huge = JSON.stringify(payloadOf(command, {resp_json: {pad: 'x'.repeat(65 * 1024 * 1024)}}))
    const {status, json} = await daemon.post(huge, {'x-tunnel-shard-token': command.shard_token})
    expect(status).toBe(413)
    expect(json.error?.code).toBe('request_body_too_large')
    await daemon.respond(command)
    expect((await reply).status).toBe(200)
  })

  it.each([
    [101, 502],
    [100, 502],
    [299, 200],
    [201, 201],
    [404, 404],
    [418, 418],
    [499, 502],
    [599, 502],
    [503, 503],
  ])('status %i reaches the caller as %i', async (code, status) => {
    const {daemon, reply, command} = await waitingCall()
    await daemon.respond(command, {resp_code: code})
    expect((await reply).status).toBe(status)
  })

  it.each([
    ['application/json; charset=utf-8', 'application/json; charset=utf-8'],
    ['application/problem+json', 'application/problem+json'],
    ['text/html', 'application/json'],
    ['text/plain; charset=utf-8', 'application/json'],
    ['text/event-stream', 'application/json'],
  ])('a refusal labeled %s reaches the caller with its headers, as %s', async (given, type) => {
    const {daemon, reply, command} = await waitingCall()
    const error = {jsonrpc: '2.0', id: 1, error: {code: -32000, message: 'slow down'}}
    await daemon.respond(command, {
      resp_code: 429,
      resp_json: error,
      resp_headers: {'Content-Type': [given], 'Retry-After': ['7'], 'WWW-Authenticate': ['Basic realm="x"']},
    })
    const {status, headers, text} = await reply
    expect([status, headers['content-type'], headers['retry-after']]).toEqual([429, type, '7'])
    expect(headers['www-authenticate']).toBe('Basic realm="x"')
    expect(JSON.parse(text)).toEqual(error)
  })

  it('acknowledges a notification with an empty 202, whatever 2xx a transport without statuses reports', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    for (const [code, status] of [
      [202, 202],
      [200, 202],
      [204, 204],
      [502, 502],
    ] as const) {
      const reply = call(service.mcpUrl, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
      const command = await daemon.next()
      await daemon.respond(command, {
        resp_type: 'notify_ack',
        resp_json: undefined,
        resp_code: code,
        resp_headers: undefined,
      })
      expect(await reply).toMatchObject({status, text: ''})
    }
  })
})
