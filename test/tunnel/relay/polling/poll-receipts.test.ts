// A relay tells a service that wants to know it which answers to polls it has not got, and takes what comes again for what
// it is.

import type {IncomingMessage, ServerResponse} from 'node:http'
import {expect, test} from 'vitest'
import {callCommand} from '../../../support/relay-rig.ts'
import {type ScriptedControlPlane, scriptedControlPlane} from '../../../support/scripted-control-plane.ts'
import {quietPort} from '../../../support/servers/loopback.ts'
import {holding, running} from '../world.ts'

/** What the polls told, in their order. */
const said = (plane: ScriptedControlPlane): unknown[] => plane.polls.map(({headers}) => headers['x-tunnel-poll'])

type Reply = (response: ServerResponse, request: IncomingMessage) => boolean | undefined

/** Offers receipts; the n-th numbered poll is answered by the n-th of `replies`, the others are left to the double. */
function offering(plane: ScriptedControlPlane, replies: Readonly<Record<number, Reply>> = {}): void {
  plane.onPoll = (request, response) => {
    response.setHeader('X-Tunnel-Service-Features', 'cancel, urgent, poll_receipts')
    const [number] = String(request.headers['x-tunnel-poll'] ?? '').split(';')
    return replies[Number(number)]?.(response, request) ?? false
  }
}

const answer = (...commands: readonly object[]): string => JSON.stringify({commands})

test('a service that does not offer it sees what it always saw, and so does every first poll', async () => {
  const {plane} = await running()
  plane.onPoll = (_request, response) => {
    response.setHeader('X-Tunnel-Service-Features', 'cancel, urgent')
    return false
  }
  for (const id of ['r1', 'r2']) {
    await plane.until('a poll', () => plane.heldPolls === 1)
    plane.enqueue(callCommand(id))
    await plane.terminal(id)
  }
  await plane.until('a poll', () => plane.heldPolls === 1)
  expect(said(plane)).toEqual([undefined, undefined, undefined])
  offering(plane)
  plane.enqueue(callCommand('r3'))
  await plane.terminal('r3')
  await plane.until('a poll', () => plane.heldPolls === 1)
  plane.enqueue(callCommand('r4'))
  await plane.terminal('r4')
  await plane.until('numbers', () => said(plane).includes('1'))
  expect(plane.polls.at(-1)!.headers['x-tunnel-client-features']).toBe('cancel, poll_receipts')
})

const LOST: Readonly<Record<string, Reply>> = {
  'cut in the middle': (response) => {
    const body = answer(callCommand('r1'), callCommand('r2'))
    response.setHeader('Content-Length', body.length)
    response.write(body.slice(0, body.indexOf('r2')), () => setTimeout(() => response.destroy(), 20))
    return true
  },
  'no JSON': (response) => {
    response.end('{"commands":[{,,')
    return true
  },
  'a web page': (response) => {
    response.removeHeader('X-Tunnel-Service-Features')
    response.setHeader('Content-Type', 'text/html')
    response.end('<html>Sign in</html>')
    return true
  },
  'another status': (response) => {
    response.removeHeader('X-Tunnel-Service-Features')
    response.writeHead(502).end('bad gateway')
    return true
  },
  'an empty answer of somebody else': (response) => {
    response.removeHeader('X-Tunnel-Service-Features')
    response.setHeader('Content-Type', 'text/html')
    response.end()
    return true
  },
  'a reset': (_response, request) => {
    request.socket.resetAndDestroy()
    return true
  },
  'an unknown coding': (response) => {
    response.setHeader('Content-Encoding', 'br')
    response.end('?')
    return true
  },
}

test.each(Object.keys(LOST))('%s: the next poll tells, until a poll that told was answered', async (kind) => {
  const {plane, channel, relay, logs} = await running()
  offering(plane, {1: LOST[kind]!})
  await plane.until('the first poll', () => plane.heldPolls === 1)
  plane.enqueue(callCommand('first'))
  await plane.until('a number', () => said(plane).includes('1'))
  await plane.until('the news', () => plane.heldPolls === 1)
  // What it lost comes again: a part of it may have been run.
  plane.enqueue(callCommand('r1'), callCommand('r2'))
  await Promise.all([plane.terminal('r1'), plane.terminal('r2')])
  await plane.until('the next poll', () => plane.heldPolls === 1)
  expect(said(plane).filter((one) => one !== undefined)).toEqual(['1', '2; lost=1', '3'])
  expect(channel.calls.map(({requestId}) => requestId)).toEqual(['first', 'r1', 'r2'])
  expect(logs.filter(({message}) => message.startsWith('command ignored')).map(({level}) => level)).toEqual(
    kind === 'cut in the middle' ? ['debug'] : [],
  )
  expect(relay.snapshot().totals.duplicates).toBe(0)
})

test('a command that nobody asked for again counts as a duplicate as ever', async () => {
  const {plane, relay, events} = await running()
  offering(plane)
  plane.enqueue(callCommand('r1'))
  await plane.terminal('r1')
  plane.enqueue(callCommand('r1'), callCommand('r2'))
  await plane.terminal('r2')
  expect(relay.snapshot().totals.duplicates).toBe(1)
  expect(events.filter(({type}) => type === 'command_dropped')).toMatchObject([{reason: 'duplicate'}])
})

test('of an outage only the poll that was sent is told, not those that found nobody', async () => {
  const first = await scriptedControlPlane({port: await quietPort()})
  const {relay} = await running({plane: first})
  offering(first)
  first.enqueue(callCommand('r1'))
  await first.terminal('r1')
  await first.until('a numbered poll', () => first.heldPolls === 1)
  // On the connection that it was sent on, nothing comes; on others nobody listens.
  await first.close()
  await first.until('failures', () => relay.snapshot().poll.failures >= 3)
  const second = await scriptedControlPlane({port: Number(first.origin.port)})
  try {
    offering(second)
    await second.until('the news', () => second.polls.length > 0)
    const [number, lost] = String(said(second)[0]).split('; ')
    expect([Number(number) > 3, lost]).toEqual([true, 'lost=1'])
  } finally {
    await second.close()
  }
})

test('a poll on a connection that went dead is called lost at once', async () => {
  const {channel, answer: answerCall} = holding()
  const {plane} = await running({channels: [channel]})
  offering(plane)
  plane.enqueue(callCommand('first'), callCommand('r1', {timeout: '5s'}))
  await plane.until('the calls', () => channel.calls.length === 2)
  await plane.until('a numbered poll', () => plane.heldPolls === 1)
  // Nobody acknowledges it on this connection; on another one somebody does.
  let silent = true
  plane.onResponse = () => {
    const was = silent
    silent = false
    return was
  }
  answerCall('r1')
  await plane.until('another poll', () => plane.polls.length === 3)
  expect(said(plane)).toEqual([undefined, '1', '2; lost=1'])
})

test('what was lost beside a poll that stands open is told by another', async () => {
  const {channel} = holding()
  const {plane, relay} = await running({channels: [channel], limits: {maxInflight: 256, maxConcurrentRequests: 256}})
  let number = 0
  const many = (): object[] => Array.from({length: 25}, () => callCommand(`r${++number}`))
  const later = (response: ServerResponse, body: string): true => {
    setTimeout(() => response.end(body), 30)
    return true
  }
  const lost: string[] = []
  plane.onPoll = (request, response) => {
    response.setHeader('X-Tunnel-Service-Features', 'poll_receipts')
    const isExtra = request.url!.includes('timeout_ms=1000')
    if (!isExtra && number < 100) return later(response, answer(...many()))
    if (!isExtra || lost.length > 0) return false
    lost.push(String(request.headers['x-tunnel-poll']).split(';')[0]!)
    // Later than the main poll, which found nothing more and stands open.
    setTimeout(() => response.end('{"commands":[{,,'), 400)
    return true
  }
  await plane.until('a loss', () => lost.length === 1)
  await plane.until('the news', () => said(plane).some((one) => String(one).includes(`lost=${lost[0]}`)))
  const told = plane.polls.find(({headers}) => String(headers['x-tunnel-poll']).includes(`lost=${lost[0]}`))!
  expect(told.path).toContain('timeout_ms=1000')
  expect(relay.snapshot().polls.open).toBeGreaterThan(1)
})
