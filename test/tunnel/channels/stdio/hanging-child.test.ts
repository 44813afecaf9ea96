import {expect, it} from 'vitest'
import type {StdioTiming} from '../../../../src/tunnel/channels/stdio/timing.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, start} from '../../../support/open-channel.ts'
import {detail, linesSeen, open, request, type Supervised} from './supervised.ts'

const QUICK = {idle: 50, pingTimeout: 50, silentLook: 20, hangs: 1000, startsWithin: 50}
/** Reading the lines is traffic, which has to rest for a ping. */
const pinged = (opened: Supervised): Promise<unknown> =>
  eventually('a ping', async () => (await linesSeen(opened)).some(({method}) => method === 'ping'), {everyMs: 300})

/** Started and probed for the first time, as a daemon does it; a caller and a ping have had an answer. */
async function watched(flags: string[] = [], timing: Partial<StdioTiming> = QUICK): Promise<Supervised> {
  const opened = await open(flags, timing)
  await opened.channel.probe()
  await call(opened.channel, request(0, 'raw'))
  await pinged(opened)
  return opened
}

const INITIALIZE = request('i', 'initialize', {protocolVersion: '2025-11-25', clientInfo: {name: 'one'}})

const stopIt = (opened: Supervised): void => void process.kill(Number(detail(opened, 'pid')), 'SIGSTOP')
const failures = ({channel}: Supervised): number => {
  const {evidence} = channel.status()
  return evidence.state === 'timeout' ? evidence.failures : 0
}
const restarted = (opened: Supervised): Promise<unknown> =>
  eventually(
    'another server',
    () => detail(opened, 'restarts') === '1' && opened.channel.status().evidence.state === 'ok',
  )

it('is ended and another one takes its place, with the session of its callers', async () => {
  const opened = await watched([], QUICK)
  await call(opened.channel, INITIALIZE)
  stopIt(opened)
  await restarted(opened)
  expect((await call(opened.channel, request(1, 'raw', {a: 1}))).response).toContain('{"a":1}')
  const ends = opened.records.filter(({message}) => message === 'stdio MCP command exited')
  expect(ends).toMatchObject([
    {level: 'warn', attrs: {reason: 'hangs', signal: 'SIGKILL', unanswered_pings: 3, silent_ms: expect.any(Number)}},
  ])
  const {silent_ms: silent} = ends[0]!.attrs
  expect(silent).toBeGreaterThanOrEqual(1000)
  const states = opened.events.flatMap((event) => (event.type === 'evidence' ? [event.evidence] : []))
  expect(states).toContainEqual(expect.objectContaining({state: 'failed', failure: 'child_silent'}))
  expect(opened.events.filter(({type}) => type === 'gave_up')).toEqual([])
})

it('is not waited for by calls that came after it had left its pings unanswered: they get a typed failure', async () => {
  const opened = await watched([], {...QUICK, hangs: 3000})
  await call(opened.channel, request(0, 'raw'))
  stopIt(opened)
  await eventually('three pings', () => failures(opened) >= 3)
  const {failure, settled} = await call(opened.channel, request(1, 'raw'))
  expect([failure, settled]).toMatchObject([{failure: 'child_silent', status: 504, source: 'timeout'}, 1])
  await restarted(opened)
})

it('may be at work: as long as somebody waits for a call that it had received, it is left alone', async () => {
  const opened = await watched([], QUICK)
  await call(opened.channel, request(0, 'raw'))
  const pid = detail(opened, 'pid')
  const long = call(opened.channel, request(1, 'block', {ms: 4000}))
  await new Promise((resolve) => setTimeout(resolve, 100))
  // One whose time is over lets the server be asked; the other one still waits.
  start(opened.channel, request(2, 'raw')).handle.cancel('deadline')
  const behind = call(opened.channel, request(3, 'raw', {b: 2}))
  expect((await long).response).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
  expect((await behind).response).toContain('{"b":2}')
  expect([detail(opened, 'pid'), detail(opened, 'restarts')]).toEqual([pid, '0'])
})

it('does not hang when it answers that it knows no ping', async () => {
  const opened = await watched(['--no-ping'], QUICK)
  const signs = new Set<number>()
  await eventually('answers over more than the time of a hang', () => {
    signs.add(opened.channel.status().lastLife)
    return Math.max(...signs) - Math.min(...[...signs].filter((at) => at > 0)) > 2000
  })
  expect(detail(opened, 'restarts')).toBe('0')
})

it('that takes no ping at all hangs only when calls go unanswered as well', async () => {
  const opened = await watched(['--ignore-ping'], QUICK)
  await call(opened.channel, request(0, 'raw'))
  const from = performance.now()
  await eventually('twice the time of a hang', () => failures(opened) > 5 && performance.now() - from > 2000)
  expect(detail(opened, 'restarts')).toBe('0')
  start(opened.channel, request(1, 'silent')).handle.cancel('deadline')
  await eventually('another server', () => detail(opened, 'restarts') === '1')
})

it.each([
  ['silent', '--silent'],
  ['silent before initialized, as Java servers are', '--silent-before-initialized'],
])('that no caller has opened is ready and never restarted, though it is %s', async (_what, flag) => {
  const opened = await open([flag], QUICK)
  expect(await opened.channel.probe()).toMatchObject({state: 'ok'})
  const from = performance.now()
  await eventually('three times the time of a hang', () => performance.now() - from > 3000)
  expect(opened.channel.status().evidence).toMatchObject({state: 'ok'})
  expect(detail(opened, 'restarts')).toBe('0')
})

it('that answers nothing before initialized is not pinged between a handshake and its end', async () => {
  const opened = await open(['--silent-before-initialized'], QUICK)
  await opened.channel.probe()
  expect((await call(opened.channel, INITIALIZE)).response).toBeDefined()
  const from = performance.now()
  await eventually('three times the time of a hang', () => performance.now() - from > 3000)
  expect(opened.channel.status().evidence).toMatchObject({state: 'ok'})
  await call(opened.channel, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
  await pinged(opened)
  const methods = (await linesSeen(opened)).map(({method}) => method)
  expect(methods.indexOf('ping')).toBeGreaterThan(methods.indexOf('notifications/initialized'))
  expect(detail(opened, 'restarts')).toBe('0')
})
