import {gzipSync} from 'node:zlib'
import {describe, expect, onTestFinished, test, vi} from 'vitest'
import {systemClock} from '../../../src/foundation/platform/index.ts'
import type {ControlPlaneClient, PollOutcome, RespondOutcome} from '../../../src/tunnel/control-plane/index.ts'
import {callCommand, relayRig} from '../../support/relay-rig.ts'
import {scriptedControlPlane} from '../../support/scripted-control-plane.ts'
import {quietPort} from '../../support/servers/loopback.ts'

interface Followed {
  readonly seen: string[]
  readonly outcome: Promise<PollOutcome>
  abort(): void
}

function poll(client: ControlPlaneClient, timeoutMs?: number): Followed {
  const seen: string[] = []
  let settle: (outcome: PollOutcome) => void = () => {}
  const outcome = new Promise<PollOutcome>((resolve) => {
    settle = resolve
  })
  const handle = client.poll(
    {limit: 20, ...(timeoutMs === undefined ? {} : {timeoutMs})},
    {
      onSent: () => seen.push('sent'),
      onAccepted: () => seen.push('accepted'),
      onHead: () => seen.push('head'),
      onOutcome: (result) => {
        seen.push('outcome')
        settle(result)
      },
    },
  )
  return {seen, outcome, abort: () => handle.abort()}
}

const respond = (
  client: ControlPlaneClient,
  type: 'jsonrpc_response' | 'jsonrpc_notify' = 'jsonrpc_response',
  deadline: number | null = null,
) =>
  new Promise<RespondOutcome>((resolve) => {
    client.respond(
      {
        requestId: 'r',
        body: [Buffer.from('{"a":'), Buffer.from('1}')],
        type,
        shardToken: 's',
        clientRequestId: 'q',
        deadline,
      },
      resolve,
    )
  })

describe('polls', () => {
  test('ask exactly as the reference does and bring commands', async () => {
    const {client, plane} = await relayRig()
    const {seen, outcome} = poll(client)
    await plane.until('the poll', () => plane.heldPolls === 1)
    plane.enqueue(callCommand('r1'))
    const answered = await outcome
    expect(plane.polls[0]!.path).toBe('/v1/tunnels/tunnel_test/poll?limit=20&timeout_ms=30000')
    expect(answered).toMatchObject({kind: 'answered', status: 200, cut: null, commands: [{requestId: 'r1'}]})
    expect(seen).toEqual(['sent', 'accepted', 'head', 'outcome'])
  })

  test('204 and an empty list are the same: nothing', async () => {
    const {client, plane} = await relayRig()
    plane.onPoll = (_, response) => {
      response.statusCode = 204
      response.end()
      return true
    }
    expect(await poll(client).outcome).toMatchObject({kind: 'answered', commands: [], cut: null})
    plane.onPoll = (_, response) => {
      response.end('{"commands":[]}')
      return true
    }
    expect(await poll(client).outcome).toMatchObject({kind: 'answered', commands: [], cut: null})
  })

  test('gzip is undone', async () => {
    const {client, plane} = await relayRig()
    plane.onPoll = (request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip')
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync(JSON.stringify({commands: [callCommand('r1')]})))
      return true
    }
    expect(await poll(client).outcome).toMatchObject({kind: 'answered', commands: [{requestId: 'r1'}]})
  })

  test.each(['plain', 'gzip'])('an answer that breaks off (%s) still brings its complete commands', async (how) => {
    const {client, plane} = await relayRig()
    const whole = Buffer.from(
      JSON.stringify({commands: [callCommand('r1'), callCommand('r2', {params: {x: 'y'.repeat(99)}})]}),
    )
    const body = how === 'gzip' ? gzipSync(whole, {level: 0}) : whole
    plane.onPoll = (_, response) => {
      response.setHeader('content-length', body.length)
      if (how === 'gzip') response.setHeader('content-encoding', 'gzip')
      response.write(body.subarray(0, body.length - 60), () => response.destroy())
      return true
    }
    const outcome = await poll(client).outcome
    expect(outcome).toMatchObject({kind: 'answered', commands: [{requestId: 'r1'}]})
    expect(outcome).toHaveProperty('cut.failure')
  })

  test('an answer of more than 64 MiB is cut there, and brings the commands before', async () => {
    const {client, plane} = await relayRig()
    plane.onPoll = (_, response) => {
      response.setHeader('content-type', 'application/json')
      response.write(`{"commands":[${JSON.stringify(callCommand('r1'))},{"request_id":"`)
      response.end(Buffer.alloc(65 * 1024 * 1024, 'x'))
      return true
    }
    const outcome = await poll(client).outcome
    expect(outcome).toMatchObject({kind: 'answered', commands: [{requestId: 'r1'}], cut: {failure: 'too_large'}})
  })

  test.each([
    [200, {'content-type': 'text/html'}, '<html>please log in</html>', 'captive_portal'],
    [200, {'content-type': 'application/json'}, '{"commands":', 'wrong_base_url'],
    [302, {location: 'http://127.0.0.1:1/'}, '', 'redirected'],
    [401, {}, '{"error":{"message":"m","code":null}}', 'key_invalid'],
    [403, {}, '{"error":{"message":"m","code":"tunnel_use_forbidden"}}', 'use_forbidden'],
    [503, {'retry-after': '2'}, '{}', 'service_down'],
  ])('%d %j %s fails as %s', async (status, headers, body, failure) => {
    const {client, plane} = await relayRig()
    plane.onPoll = (_, response) => {
      response.writeHead(status, {'x-request-id': 'req-1', ...headers})
      response.end(body)
      return true
    }
    const outcome = await poll(client).outcome
    expect(outcome).toMatchObject({kind: 'failed', failure: {failure, status, tunnelRequestId: 'req-1'}})
    if (status === 503) expect(outcome).toHaveProperty('failure.retryAfter', 2000)
    expect(plane.polls).toHaveLength(1)
  })

  test('a poll that gets no answer ends with a time-out, one whose answer keeps arriving does not', async () => {
    const {client, plane} = await relayRig({limits: {pollTimeout: 500, pollDeadlineGuardrail: 500}})
    plane.onPoll = () => true
    expect(await poll(client).outcome).toMatchObject({
      kind: 'failed',
      failure: {failure: 'timeout_http', timedOut: true},
    })
    plane.onPoll = (_, response) => {
      const body = JSON.stringify({commands: [callCommand('slow')]})
      response.write(body.slice(0, 10))
      setTimeout(() => response.end(body.slice(10)), 1500)
      return true
    }
    expect(await poll(client).outcome).toMatchObject({kind: 'answered', commands: [{requestId: 'slow'}]})
  })

  test('an abort ends it, once', async () => {
    const {client, plane} = await relayRig()
    const {seen, outcome, abort} = poll(client)
    await plane.until('the poll', () => plane.heldPolls === 1)
    abort()
    abort()
    expect(await outcome).toEqual({kind: 'aborted'})
    expect(seen.filter((what) => what === 'outcome')).toHaveLength(1)
  })
})

describe('evidence that a poll was accepted, without a 102', () => {
  test('an answer to a request that was sent later proves it', async () => {
    const {client, plane} = await relayRig()
    plane.interim = false
    const {seen} = poll(client)
    await plane.until('the poll', () => plane.heldPolls === 1)
    expect(seen).toEqual(['sent'])
    expect(await client.metadata()).toMatchObject({kind: 'ok', metadata: {name: 'test'}})
    await plane.until('the evidence', () => seen.includes('accepted'))
    expect(plane.heldPolls).toBe(1)
  })
})

describe('answers', () => {
  test('carry their token and the bytes in order, over one connection', async () => {
    const {client, plane} = await relayRig()
    expect(await respond(client)).toEqual({kind: 'delivered', status: 200, unknown: false, attempts: 1})
    const [{headers, body}] = plane.responses as [(typeof plane.responses)[number]]
    expect(body.toString()).toBe('{"a":1}')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-tunnel-shard-token': 's',
      'x-client-request-id': 'q',
      'content-length': '7',
      authorization: 'Bearer sk-test',
      accept: 'application/json',
      'user-agent': 'tunnel-client-ts/1.2.3',
    })
  })

  test('are tried again with the same bytes until the service takes them', async () => {
    const {client, plane} = await relayRig()
    plane.onResponse = (_, response) => {
      if (plane.responses.length === 3) return false
      response.statusCode = plane.responses.length === 1 ? 500 : 503
      response.end('{}')
      return true
    }
    expect(await respond(client)).toMatchObject({kind: 'delivered', attempts: 3})
    expect(plane.responses.map(({body}) => body.toString())).toEqual(['{"a":1}', '{"a":1}', '{"a":1}'])
  })

  test('a redirect is no delivery and is not followed', async () => {
    const {client, plane} = await relayRig()
    plane.onResponse = (_, response) => {
      response.writeHead(302, {location: '/elsewhere'})
      response.end()
      return true
    }
    expect(await respond(client)).toMatchObject({kind: 'refused', status: 302, failure: {failure: 'redirected'}})
  })

  test('a service that is away is tried until the deadline would be over', async () => {
    const {client, plane} = await relayRig({plane: await scriptedControlPlane({port: await quietPort()})})
    await plane.close()
    const outcome = await respond(client, 'jsonrpc_response', systemClock.now() + 3_000)
    expect(outcome).toMatchObject({kind: 'failed', failure: {failure: 'refused'}})
    expect(outcome.attempts).toBeGreaterThan(1)
  })

  test('an answer that waits because nobody was there goes as soon as the service answers anything', async () => {
    const {client, plane} = await relayRig()
    // The next attempt would be due in a quarter of an hour.
    const random = vi.spyOn(Math, 'random').mockReturnValue(5000)
    onTestFinished(() => void random.mockRestore())
    let away = true
    plane.onResponse = (_, response) => {
      if (away) response.destroy()
      return away
    }
    let isOver = false
    const outcome = respond(client).finally(() => {
      isOver = true
    })
    await plane.until('the first attempt', () => plane.responses.length === 1)
    away = false
    for (let n = 0; !isOver && n < 500; n++) {
      plane.enqueue(callCommand(`r${n}`))
      await poll(client).outcome
    }
    expect(await outcome).toMatchObject({kind: 'delivered', attempts: 2})
  })

  test('a sign-in page is not the service: the answer is posted again', async () => {
    const {client, plane} = await relayRig()
    plane.onResponse = (_, response) => {
      if (plane.responses.length > 1) return false
      response.writeHead(200, {'content-type': 'text/html'})
      response.end('<html>Welcome to the airport</html>')
      return true
    }
    expect(await respond(client)).toMatchObject({kind: 'delivered', attempts: 2})
  })
})

describe('headers', () => {
  test('extra headers add and override what they may, and nothing else', async () => {
    const {client, plane, logged} = await relayRig({
      extraHeaders: {
        Authorization: 'Bearer stolen',
        'x-tunnel-client-instance-id': 'mine',
        'X-Tunnel-Shard-Token': 'override',
        'X-Team': 'a',
        Host: 'evil',
        'Content-Length': '4',
        Expect: '100-continue',
        'Transfer-Encoding': 'chunked',
        Upgrade: 'h2c',
        Connection: 'close',
      },
    })
    await respond(client)
    await respond(client)
    expect(plane.responses[0]!.headers).toMatchObject({
      authorization: 'Bearer sk-test',
      'x-tunnel-client-instance-id': '0'.repeat(32),
      'x-tunnel-shard-token': 'override',
      'x-team': 'a',
      host: plane.origin.host,
    })
    expect(
      logged('control-plane extra header cannot override protected header').map(({attrs}) => attrs.header),
    ).toEqual([
      'Authorization',
      'X-Tunnel-Client-Instance-Id',
      'Host',
      'Content-Length',
      'Expect',
      'Transfer-Encoding',
      'Upgrade',
      'Connection',
    ])
    expect(logged('control-plane extra header overrides existing header')).toHaveLength(1)
  })

  test('channels of the allow-list are asked for', async () => {
    const {client, plane} = await relayRig({pollChannels: ['a', 'main']})
    const {abort, outcome} = poll(client, 1000)
    await plane.until('the poll', () => plane.polls.length === 1)
    expect(plane.polls[0]!.path).toContain('/poll?channel=a&channel=main&limit=20&timeout_ms=1000')
    abort()
    await outcome
  })
})

describe('metadata', () => {
  test.each([
    [
      200,
      '{"id":"t","name":"n","description":"d","extra":1}',
      {kind: 'ok', metadata: {id: 't', name: 'n', description: 'd'}},
    ],
    [201, '{"id":"t"}', {kind: 'ok', metadata: {id: 't', name: '', description: ''}}],
    [200, '[]', {kind: 'failed', failure: {failure: 'wrong_base_url'}}],
    [404, '{}', {kind: 'failed', failure: {failure: 'tunnel_unknown', status: 404}}],
  ])('%d %s', async (status, body, expected) => {
    const {client, plane} = await relayRig()
    plane.onMetadata = (_, response) => {
      response.statusCode = status
      response.end(body)
      return true
    }
    expect(await client.metadata()).toMatchObject(expected)
  })
})
