import type {ServerResponse} from 'node:http'
import {describe, expect, test} from 'vitest'
import {fakeChannel} from '../../../support/fake-channel.ts'
import {callCommand, type RelayRig, relayRig} from '../../../support/relay-rig.ts'
import {scriptedControlPlane} from '../../../support/scripted-control-plane.ts'
import {quietPort} from '../../../support/servers/loopback.ts'

const limits = (rig: RelayRig): number[] =>
  rig.plane.polls.map(({path}) => Number(new URL(path, 'http://x').searchParams.get('limit')))

describe('quiet traffic', () => {
  test('is one poll at a time with the full limit, never a 19', async () => {
    const rig = await relayRig()
    rig.relay.start()
    for (let n = 0; n < 10; n++) {
      await rig.plane.until('a held poll', () => rig.plane.heldPolls === 1)
      rig.plane.enqueue(callCommand(`r${n}`))
      await rig.plane.terminal(`r${n}`)
    }
    await rig.plane.until('a held poll', () => rig.plane.heldPolls === 1)
    expect(new Set(rig.plane.polls.map(({path}) => path))).toEqual(
      new Set(['/v1/tunnels/tunnel_test/poll?limit=20&timeout_ms=30000']),
    )
  })

  test('a service that answers empty at once is not asked thousands of times', async () => {
    const rig = await relayRig()
    rig.plane.onPoll = (_, response) => {
      response.statusCode = 204
      response.end()
      return true
    }
    rig.relay.start()
    const from = performance.now()
    await rig.plane.until('some polls', () => rig.plane.polls.length === 6)
    expect(performance.now() - from).toBeGreaterThan(100)
  })

  test('nor is one that gives the same command again and again', async () => {
    const rig = await relayRig()
    const again = JSON.stringify({commands: [callCommand('r1')]})
    rig.plane.onPoll = (_, response) => {
      response.end(again)
      return true
    }
    rig.relay.start()
    const from = performance.now()
    await rig.plane.until('some polls', () => rig.plane.polls.length === 7)
    expect(performance.now() - from).toBeGreaterThan(100)
    expect(rig.channel.calls).toHaveLength(1)
  })
})

describe('room', () => {
  test('only as many commands are asked for as fit, and none when nothing fits', async () => {
    const rig = await relayRig({
      channels: [fakeChannel({serve: () => {}})],
      limits: {maxInflight: 3, maxConcurrentRequests: 1},
    })
    rig.relay.start()
    for (let n = 0; n < 5; n++) {
      const polls = rig.plane.polls.length
      await rig.plane.until('a held poll', () => rig.plane.heldPolls === 1)
      rig.plane.enqueue(callCommand(`r${n}`, {session: String(n)}))
      if (n < 3) await rig.plane.until('the next poll', () => rig.plane.polls.length > polls)
      if (n === 3) break
    }
    await rig.plane.until('a full queue', () => rig.relay.snapshot().queue.length === 3)
    expect(limits(rig)).toEqual([3, 3, 2, 1])
    expect(rig.plane.heldPolls).toBe(0)
  })

  test('never more than 25 at once', async () => {
    const rig = await relayRig({limits: {maxInflight: 100}})
    rig.relay.start()
    await rig.plane.until('the poll', () => rig.plane.polls.length === 1)
    expect(limits(rig)).toEqual([25])
  })
})

describe('overlapping polls', () => {
  /** Answers each poll that finds commands only after a while, as a far service does. */
  function far(rig: RelayRig, ms: number): void {
    rig.plane.onPoll = (request, response) => {
      const query = new URL(request.url!, 'http://x').searchParams
      const batch = pending.splice(0, Number(query.get('limit')))
      if (batch.length === 0) return false
      setTimeout(() => response.end(`{"commands":[${batch.join(',')}]}`), ms)
      return true
    }
  }
  let pending: string[] = []

  test('are opened when answers come back full and slowly, and close again when nothing is left', async () => {
    const rig = await relayRig({limits: {maxInflight: 256, maxConcurrentRequests: 256}})
    pending = Array.from({length: 300}, (_, n) => JSON.stringify(callCommand(`r${n}`)))
    far(rig, 30)
    rig.relay.start()
    await rig.plane.until('all answers', () => rig.plane.responses.length === 300)
    const extras = rig.plane.polls.filter(({path}) => path.endsWith('timeout_ms=1000'))
    expect(extras.length).toBeGreaterThan(0)
    expect(Math.max(...limits(rig))).toBeLessThanOrEqual(25)
    await rig.plane.until('a single poll', () => rig.plane.heldPolls === 1)
    expect(new Set(rig.plane.responses.map(({json}) => json.request_id)).size).toBe(300)
  })

  test('never promise more than there is room for', async () => {
    const rig = await relayRig({limits: {maxInflight: 20, maxConcurrentRequests: 20}})
    pending = Array.from({length: 60}, (_, n) => JSON.stringify(callCommand(`r${n}`)))
    far(rig, 30)
    rig.relay.start()
    await rig.plane.until('all answers', () => rig.plane.responses.length === 60)
    expect(rig.plane.polls.every(({path}) => path.endsWith('timeout_ms=30000'))).toBe(true)
  })
})

describe('failures', () => {
  test('one warning per kind of failure, then quiet repeats, then one line when it works again', async () => {
    const rig = await relayRig()
    let answers = 0
    rig.plane.onPoll = (_, response) => {
      answers += 1
      if (answers > 3) return false
      response.writeHead(answers === 3 ? 429 : 503, {'x-request-id': 'q'})
      response.end('{"error":{"message":"m","code":"c"}}')
      return true
    }
    rig.relay.start()
    await rig.plane.until('recovery', () => rig.logged('poller recovered; polling operational').length === 1)
    const failed = rig.logged('poll failed; backing off')
    expect(failed.map(({level, attrs}) => [level, attrs.failure_class])).toEqual([
      ['warn', 'service_down'],
      ['debug', 'service_down'],
      ['warn', 'rate_limited'],
    ])
    expect(failed[0]!.attrs).toMatchObject({
      status_code: 503,
      error_code: 'c',
      error_message: 'm',
      tunnel_request_id: 'q',
    })
  })

  test('a wrong key shows at once and the poller stays', async () => {
    const rig = await relayRig()
    rig.plane.onPoll = (_, response) => {
      response.statusCode = 401
      response.end('{"error":{"message":"bad key"}}')
      return true
    }
    rig.relay.start()
    await rig.plane.until('the refusal', () => rig.relay.snapshot().poll.state === 'failing')
    expect(rig.relay.snapshot().poll).toMatchObject({failure: 'key_invalid', status: 401, lastSuccessWall: null})
    expect(rig.relay.snapshot().phase).toBe('running')
  })

  test('a service that comes back is found within half a second', async () => {
    const first = await scriptedControlPlane({port: await quietPort()})
    const rig = await relayRig({plane: first})
    await first.close()
    rig.relay.start()
    await first.until('failures', () => rig.relay.snapshot().poll.failures >= 4)
    const second = await scriptedControlPlane({port: Number(first.origin.port)})
    await second.until('a poll', () => second.polls.length > 0)
    const pauses = rig.logged('poll failed; backing off').map(({attrs}) => Number(attrs.retry_in_ms))
    expect(pauses.length).toBeGreaterThanOrEqual(4)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(500)
    await second.until('recovery', () => rig.relay.snapshot().poll.state === 'accepted')
    await second.close()
  })

  test('a poll that is cut near the end of its time counts as empty, with a hint', async () => {
    const rig = await relayRig({limits: {pollTimeout: 100}})
    rig.plane.onPoll = (request) => {
      setTimeout(() => request.socket.destroy(), 95)
      return true
    }
    rig.relay.start()
    await rig.plane.until('three polls', () => rig.plane.polls.length === 3)
    expect(rig.relay.snapshot().poll).toMatchObject({state: 'accepted', idleCutHint: true, failures: 0})
    expect(rig.logged('poll failed; backing off')).toEqual([])
  })

  test('polls that are cut again and again while they wait are renewed as soon as the first one was', async () => {
    const rig = await relayRig({limits: {pollTimeout: 600}})
    const pauses: number[] = []
    let cutAt = 0
    rig.plane.onPoll = (request) => {
      if (cutAt > 0) pauses.push(performance.now() - cutAt)
      setTimeout(() => {
        cutAt = performance.now()
        request.socket.destroy()
      }, 150)
      return true
    }
    rig.relay.start()
    await rig.plane.until('nine polls', () => rig.plane.polls.length === 9)
    // The longest wait is 200 ms; what is above belongs to a busy machine.
    expect(Math.max(...pauses)).toBeLessThan(3_000)
  })

  test('an answer that was acknowledged on another connection only: the poll may be as dead as the first', async () => {
    const rig = await relayRig()
    rig.plane.onResponse = () => rig.plane.responses.length === 1
    rig.relay.start()
    await rig.plane.until('a held poll', () => rig.plane.heldPolls === 1)
    rig.plane.enqueue(callCommand('r1', {timeout: '4s'}))
    await rig.plane.until('the second post', () => rig.plane.responses.length === 2)
    await rig.plane.until('a poll beside the old one', () => rig.plane.heldPolls === 2)
    expect(limits(rig)).toEqual([20, 20, 20])
    expect(rig.relay.snapshot().poll).toMatchObject({state: 'accepted', failures: 0})
  })

  test('what a broken answer brought is run, and the poll still counts as failed', async () => {
    const rig = await relayRig()
    rig.plane.onPoll = (_, response) => {
      if (rig.plane.polls.length > 1) return false
      const body = JSON.stringify({commands: [callCommand('r1'), callCommand('r2')]})
      response.setHeader('content-length', body.length)
      response.write(body.slice(0, -20), () => response.destroy())
      return true
    }
    rig.relay.start()
    await rig.plane.terminal('r1')
    expect(rig.logged('poll failed; backing off')).toHaveLength(1)
    expect(rig.channel.calls.map(({requestId}) => requestId)).toEqual(['r1'])
  })
})

describe('evidence', () => {
  test('with 102, a standing poll is proof at once', async () => {
    const rig = await relayRig()
    rig.relay.start()
    await rig.plane.until('proof', () => rig.relay.snapshot().poll.state === 'accepted')
    expect(rig.plane.heldPolls).toBe(1)
    expect(rig.relay.snapshot().poll.lastSuccessWall).not.toBeNull()
  })

  test('without 102, the metadata request is the witness, and nothing else is sent', async () => {
    const rig = await relayRig()
    rig.plane.interim = false
    rig.relay.start()
    await rig.plane.until('proof', () => rig.relay.snapshot().poll.state === 'accepted')
    expect(rig.plane.polls).toHaveLength(1)
    expect(rig.plane.metadataRequests).toHaveLength(1)
    expect(rig.events.find(({type}) => type === 'metadata')).toMatchObject({outcome: {kind: 'ok'}})
  })

  test('without 102 and with a service that fails, nothing is claimed', async () => {
    const rig = await relayRig()
    rig.plane.interim = false
    rig.plane.onMetadata = (_, response) => {
      response.statusCode = 503
      response.end()
      return true
    }
    rig.relay.start()
    await rig.plane.until('the metadata answer', () => rig.events.some(({type}) => type === 'metadata'))
    expect(rig.relay.snapshot().poll.state).toBe('pending')
    await rig.plane.until('the line', () => rig.logged('tunnel metadata fetch failed').length > 0)
    expect(rig.logged('tunnel metadata fetch failed')).toEqual([expect.objectContaining({level: 'warn'})])
  })

  test('one refusal of everything is one warning, whichever answer comes first', async () => {
    for (const late of ['poll', 'metadata'] as const) {
      const rig = await relayRig()
      const refuse = (after: number) => (_: unknown, response: ServerResponse) => {
        setTimeout(() => response.writeHead(401).end(), after)
        return true
      }
      rig.plane.onPoll = refuse(late === 'poll' ? 50 : 0)
      rig.plane.onMetadata = refuse(late === 'metadata' ? 50 : 0)
      rig.relay.start()
      await rig.plane.until('the line', () => rig.logged('tunnel metadata fetch failed').length > 0)
      expect(rig.logged('poll failed; backing off')).toEqual([expect.objectContaining({level: 'warn'})])
      expect(rig.logged('tunnel metadata fetch failed')).toEqual([expect.objectContaining({level: 'debug'})])
    }
  })
})
