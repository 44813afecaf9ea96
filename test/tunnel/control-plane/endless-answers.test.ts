// Answers of a service whose body never ends, arrives for ever, or comes while our own loop stands still: a status that says
// everything must not be held up by what follows it, and what is arriving must not be thrown away by our clock.

import type {ServerResponse} from 'node:http'
import {expect, onTestFinished, test} from 'vitest'
import {answerAll, fakeChannel} from '../../support/fake-channel.ts'
import {callCommand, type RelayRig, relayRig} from '../../support/relay-rig.ts'

/** Writes the head and some of the body; nothing follows. */
const silent = (response: ServerResponse): true => {
  response.write('{"status":')
  return true
}

/** Writes the head, and goes on with its body for ever. */
const dripping = (response: ServerResponse): true => {
  response.write('{"status":"')
  const drip = setInterval(() => response.write('k'), 50)
  response.on('close', () => clearInterval(drip))
  return true
}

/** Writes the head, and goes on with its body as fast as it can. */
const gushing = (response: ServerResponse): true => {
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 'k')));
  }
  response.on('drain', more)
  more()
  return true
}

const ENDLESS = {silent, dripping, gushing}
const KINDS = Object.keys(ENDLESS) as (keyof typeof ENDLESS)[]

async function running(limits: Parameters<typeof relayRig>[0] = {}): Promise<RelayRig> {
  const rig = await relayRig({channels: [fakeChannel({serve: answerAll})], ...limits})
  rig.relay.start()
  await rig.plane.until('a held poll', () => rig.plane.heldPolls === 1)
  return rig
}

test.each(KINDS)('an acknowledgement whose body is %s holds up no stop', async (kind) => {
  const {plane, relay} = await running()
  plane.onResponse = (_, response) => ENDLESS[kind](response)
  plane.enqueue(callCommand('r1'), callCommand('r2'))
  await plane.until('the posts', () => plane.responses.length === 2)
  // Without a bound it takes ten to twenty seconds, or all the time that it is given.
  expect(await relay.drain(9_000)).toMatchObject({refused: 0, undelivered: 0, timedOut: false})
  expect(relay.snapshot().totals).toMatchObject({delivered: 2, undelivered: 0})
  expect(plane.responses).toHaveLength(2)
})

test.each(KINDS)('a refusal whose body is %s is told all the same', async (kind) => {
  const {plane, relay} = await running({limits: {pollTimeout: 200}})
  plane.onPoll = (_, response) => {
    response.writeHead(401, {'x-request-id': 'req-1'})
    return ENDLESS[kind](response)
  }
  await plane.until('the refusal', () => relay.snapshot().poll.state === 'failing')
  expect(relay.snapshot().poll).toMatchObject({failure: 'key_invalid', status: 401})
})

test('a description of the tunnel that never ends is given up', async () => {
  const {client, plane} = await relayRig({limits: {pollTimeout: 100, pollDeadlineGuardrail: 100}})
  plane.onMetadata = (_, response) => dripping(response)
  expect(await client.metadata()).toMatchObject({kind: 'failed', failure: {failure: 'timeout_http'}})
})

test('an answer to a poll that falls silent in the middle: what was complete is run in the time of a stop', async () => {
  const {plane, relay} = await running()
  const body = JSON.stringify({commands: [callCommand('r1'), callCommand('r2')]})
  plane.onPoll = (_, response) => {
    response.write(body.slice(0, -20))
    return true
  }
  plane.enqueue(callCommand('r0'))
  await plane.terminal('r0')
  await plane.until('an answer that is read', () => relay.snapshot().polls.reading === 1)
  expect(await relay.drain(20_000)).toMatchObject({timedOut: false})
  expect(plane.responses.map(({json}) => json.request_id)).toEqual(['r0', 'r1'])
})

test('an answer to a poll that begins while our loop stands still is read to its end', async () => {
  const {client, plane} = await relayRig({limits: {pollTimeout: 500, pollDeadlineGuardrail: 500}})
  const body = JSON.stringify({commands: [callCommand('r1')]})
  plane.onPoll = (_, response) => {
    response.write(body.slice(0, 20))
    // Over the time in which headers have to be here; they are in the kernel.
    const end = performance.now() + 1_200
    while (performance.now() < end);
    const timer = setTimeout(() => response.end(body.slice(20)), 300)
    onTestFinished(() => clearTimeout(timer))
    return true
  }
  const outcome = await new Promise((resolve) => {
    client.poll({limit: 1}, {onSent() {}, onAccepted() {}, onHead() {}, onOutcome: resolve})
  })
  expect(outcome).toMatchObject({kind: 'answered', cut: null, commands: [{requestId: 'r1'}]})
})

test('headers that come at once leave the poll its time: something on the way may send them before there is a body', async () => {
  const {client, plane} = await relayRig({limits: {pollTimeout: 12_000}})
  const body = JSON.stringify({commands: [callCommand('r1')]})
  plane.onPoll = (_, response) => {
    response.flushHeaders()
    // Longer than an answer may be silent once it has begun.
    const timer = setTimeout(() => response.end(body), 11_000)
    onTestFinished(() => clearTimeout(timer))
    return true
  }
  const outcome = await new Promise((resolve) => {
    client.poll({limit: 1}, {onSent() {}, onAccepted() {}, onHead() {}, onOutcome: resolve})
  })
  expect(outcome).toMatchObject({kind: 'answered', cut: null, commands: [{requestId: 'r1'}]})
})
