import {expect, onTestFinished, test} from 'vitest'
import {followCalls, withCallsClient} from '../../../../src/toolkit/live/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {quietPort} from '../../../support/servers/loopback.ts'
import {openCall, tracedCall} from '../../../tunnel/ops/calls/calls.ts'
import {type CallsDaemon, callsDaemon} from './daemon.ts'

function done({calls}: CallsDaemon, ...requestIds: string[]): void {
  for (const requestId of requestIds) {
    const call = tracedCall(requestId)
    calls.started(call)
    calls.finished(call)
  }
}

/** Follows until the test ends. */
function following(url: string, change: {failed?: boolean} = {}) {
  const stop = new AbortController()
  const seen = {ended: [] as string[], open: [] as string[], notes: [] as string[]}
  const over = withCallsClient({url}, (client) =>
    followCalls({
      client,
      filter: {limit: 3, ...change},
      signal: stop.signal,
      onEnded: (calls) => seen.ended.push(...calls.map(({id}) => id)),
      onOpen: (calls) => {
        seen.open = calls.map(({id}) => id)
      },
      onNote: (note) => seen.notes.push(note),
    }),
  )
  onTestFinished(async () => {
    stop.abort()
    await over
  })
  return seen
}

test('the past as far as asked for, then each end once, open ones meanwhile', async () => {
  const daemon = await callsDaemon()
  done(daemon, 'a', 'b', 'c', 'd')
  const seen = following(daemon.url)
  await eventually('the past', () => seen.ended.length === 3)
  const slow = openCall('slow')
  daemon.calls.started(slow)
  await eventually('it is open', () => seen.open.includes('slow'))
  done(daemon, 'e')
  Object.assign(slow, {outcome: 'error', endedAt: 5000})
  daemon.calls.finished(slow)
  await eventually('both ended', () => seen.ended.length === 5 && seen.open.length === 0)
  expect(seen).toEqual({ended: ['b', 'c', 'd', 'e', 'slow'], open: [], notes: []})
})

test('more than a page at once arrives whole', async () => {
  const daemon = await callsDaemon()
  done(daemon, 'first')
  const seen = following(daemon.url)
  await eventually('the past', () => seen.ended.length === 1)
  const ids = Array.from({length: 1_200}, (_, i) => `call-${i}`)
  done(daemon, ...ids)
  await eventually('all', () => seen.ended.length > 1_200)
  expect(seen.ended).toEqual(['first', ...ids])
})

test('a daemon that goes away is waited for; the one that comes back begins anew', async () => {
  const port = await quietPort()
  const daemon = await callsDaemon({port})
  done(daemon, 'a', 'b')
  const seen = following(daemon.url)
  await eventually('the past', () => seen.ended.length === 2)
  await daemon.close()
  await eventually('it was noticed', () => seen.notes.length === 1)
  const again = await callsDaemon({instanceId: 'i2', port})
  done(again, 'c')
  await eventually('its call', () => seen.ended.includes('c'))
  expect(seen.ended).toEqual(['a', 'b', 'c'])
  expect(seen.notes).toEqual([
    expect.stringContaining('waiting for it'),
    'the daemon was started again',
    'the daemon answers again',
  ])
})

test('nobody there at the beginning is an error', async () => {
  const url = `http://127.0.0.1:${await quietPort()}`
  await expect(withCallsClient({url}, (client) => client.list({limit: 1}))).rejects.toMatchObject({
    code: 'TC-LIVE-UNREACHABLE',
  })
})

test('an address that is none is told without the password in it', async () => {
  for (const url of ['http://me:50%canary@127.0.0.1:8080', 'http://me:canary/1@127.0.0.1:8080', 'ftp://me:canary@x']) {
    const refused = await withCallsClient({url}, (client) => client.list({limit: 1})).catch((thrown) => thrown)
    expect(refused.message).toMatch(/^"\*{3}@.*" is no address of a daemon$/)
    expect(refused.message).not.toContain('canary')
  }
})
