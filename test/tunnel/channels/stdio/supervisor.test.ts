import {execFile} from 'node:child_process'
import {mkdtemp, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {expect, it} from 'vitest'
import {eventually} from '../../../support/eventually.ts'
import {call, start} from '../../../support/open-channel.ts'
import {detail, linesSeen, open, request, type Supervised} from './supervised.ts'

/** It may be over again when somebody looks. */
const lossIsKnown = ({events}: Supervised): boolean =>
  events.some((event) => event.type === 'evidence' && event.evidence.state === 'failed')

it('answers what was in flight when the server crashes, and the next call works', async () => {
  const opened = await open()
  await call(opened.channel, request(0, 'ping'))
  const calls = Array.from({length: 8}, (_, n) => call(opened.channel, request(n, 'silent')))
  const crash = call(opened.channel, request('c', 'crash', {code: 7}))
  for (const {failure, settled} of await Promise.all([...calls, crash])) {
    expect(failure).toMatchObject({status: 502, source: 'transport_closed', failure: 'child_exited'})
    expect(failure?.message).toBe('stdio MCP command exited with code 7')
    expect(settled).toBe(1)
  }
  expect((await call(opened.channel, request(9, 'raw', {a: 1}))).response).toBe(
    '{"jsonrpc":"2.0","id":9,"result":{"a":1}}',
  )
  expect(detail(opened, 'restarts')).toBe('1')
  const exited = opened.records.find(({message}) => message === 'stdio MCP command exited')
  expect(exited).toMatchObject({level: 'warn', attrs: {exit_code: 7, reason: 'exited with code 7', restart_in_ms: 50}})
  expect(opened.records.filter(({message}) => message === 'stdio MCP command started')).toHaveLength(2)
})

it('says which signal ended a server, to whoever asks for its state, too', async () => {
  const opened = await open([], {restartAfter: [60_000]})
  await call(opened.channel, request(0, 'ping'))
  const waiting = call(opened.channel, request(1, 'silent'))
  process.kill(Number(detail(opened, 'pid')), 'SIGKILL')
  expect((await waiting).failure).toMatchObject({message: 'stdio MCP command ended by SIGKILL'})
  expect(opened.channel.status().evidence).toMatchObject({message: 'stdio MCP command ended by SIGKILL'})
  const exited = await eventually('the line', () => opened.records.find(({message}) => message.endsWith('exited')))
  expect(exited).toMatchObject({attrs: {signal: 'SIGKILL', reason: 'ended by SIGKILL'}})
})

it('repeats the latest handshake that succeeded, the log level and the subscriptions, and nobody sees the answers', async () => {
  const opened = await open()
  const {channel} = opened
  const initialize = (who: string): string =>
    request(who, 'initialize', {protocolVersion: '2025-11-25', clientInfo: {name: who}})
  for (const who of ['first', 'second']) {
    await call(channel, initialize(who))
    await call(channel, '{"jsonrpc":"2.0","method":"notifications/initialized","params":{"x":1}}')
  }
  await call(channel, request(1, 'logging/setLevel', {level: 'debug'}))
  await call(channel, request(2, 'resources/subscribe', {uri: 'a:1'}))
  await call(channel, request(3, 'resources/subscribe', {uri: 'a:2'}))
  await call(channel, request(4, 'resources/unsubscribe', {uri: 'a:1'}))
  await call(channel, request(5, 'crash'))
  const lines = await linesSeen(opened)
  expect(lines.filter(({method}) => method !== 'ping' && method !== 'seen')).toMatchObject([
    {method: 'initialize', params: {clientInfo: {name: 'second'}}},
    {method: 'notifications/initialized', params: {x: 1}},
    {method: 'logging/setLevel', params: {level: 'debug'}},
    {method: 'resources/subscribe', params: {uri: 'a:2'}},
  ])
})

it.skipIf(process.platform === 'win32')(
  'waits out a host without a free descriptor, and says so meanwhile',
  async () => {
    const program = fileURLToPath(new URL('./starved-host.ts', import.meta.url))
    const command = `ulimit -n 512; exec '${process.execPath}' --import tsx '${program}'`
    const {stdout} = await promisify(execFile)('/bin/sh', ['-c', command])
    const local = {failure: 'local_limit', message: expect.stringContaining('EMFILE')}
    expect(JSON.parse(stdout)).toMatchObject({
      crash: {failure: 'child_exited'},
      evidence: {state: 'failed', ...local},
      refused: {...local, status: 503, source: 'client_internal'},
      evidenceAfter: {state: 'ok'},
      answered: '{"jsonrpc":"2.0","id":4,"result":{}}',
    })
  },
)

it('holds calls back while it restarts, instead of failing them', async () => {
  const opened = await open([], {restartAfter: [300]})
  await call(opened.channel, request(1, 'crash'))
  await eventually('the loss to be known', () => lossIsKnown(opened))
  const {response} = await call(opened.channel, request(2, 'raw', {b: 2}))
  expect(response).toContain('{"b":2}')
})

it('serves again after stdin was closed: nothing is written into a pipe that nobody reads', async () => {
  const opened = await open(['--ignore-sigterm'])
  await call(opened.channel, request(1, 'close-stdin'))
  // Written in vain, or kept for the next server when the loss was noticed before.
  const {failure, response} = await call(opened.channel, request(2, 'ping'))
  if (failure) expect(failure).toMatchObject({failure: 'child_exited', status: 502})
  else expect(response).toBe('{"jsonrpc":"2.0","id":2,"result":{}}')
  expect((await call(opened.channel, request(3, 'ping'))).response).toBe('{"jsonrpc":"2.0","id":3,"result":{}}')
})

it.skipIf(process.platform === 'win32')(
  'notices by itself that stdin was closed: what is under way does not wait for somebody who writes',
  async () => {
    const opened = await open(['--ignore-sigterm'])
    const waiting = call(opened.channel, request(1, 'silent'))
    await call(opened.channel, request(2, 'close-stdin'))
    expect((await waiting).failure).toMatchObject({failure: 'child_exited', status: 502})
    expect((await call(opened.channel, request(3, 'ping'))).response).toBe('{"jsonrpc":"2.0","id":3,"result":{}}')
  },
)

it('a server that reads nothing is what is named when no more can be kept for it, not a queue of this daemon', async () => {
  const opened = await open()
  await call(opened.channel, request(0, 'ping'))
  const pid = Number(detail(opened, 'pid'))
  process.kill(pid, 'SIGSTOP')
  const large = 'x'.repeat(16 * 1024 * 1024)
  for (let n = 1; n <= 5; n++) start(opened.channel, request(n, 'silent', {large}))
  const {failure} = await call(opened.channel, request(9, 'silent', {large}))
  expect(failure).toMatchObject({
    failure: 'child_silent',
    status: 503,
    source: 'client_internal',
    message: 'the MCP server does not read what is sent to it',
  })
  process.kill(pid, 'SIGKILL')
})

it('serves again after stdout was closed', async () => {
  const opened = await open()
  expect((await call(opened.channel, request(1, 'close-stdout'))).failure).toMatchObject({failure: 'child_exited'})
  expect((await call(opened.channel, request(2, 'ping'))).response).toBe('{"jsonrpc":"2.0","id":2,"result":{}}')
})

it('notices a server that hangs although there is always work for it, and that it is back', async () => {
  const opened = await open([], {pingTimeout: 50, silentLook: 50})
  await call(opened.channel, request(1, 'ping'))
  const pid = Number(detail(opened, 'pid'))
  process.kill(pid, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 60))
  const {handle} = start(opened.channel, request(2, 'ping'))
  start(opened.channel, request(3, 'ping'))
  handle.cancel('deadline')
  await eventually('three failures', () => {
    const {evidence} = opened.channel.status()
    return evidence.state === 'timeout' && evidence.failures >= 3
  })
  process.kill(pid, 'SIGCONT')
  await eventually('recovery', () => opened.channel.status().evidence.state === 'ok')
})

it('does not suspect a server that only works slowly', async () => {
  const opened = await open([], {pingTimeout: 20_000, silentLook: 1})
  await call(opened.channel, request(1, 'ping'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  const {handle} = start(opened.channel, request(2, 'silent'))
  handle.cancel('deadline')
  expect((await call(opened.channel, request(3, 'ping'))).response).toBeDefined()
  expect(opened.events.filter((event) => event.type === 'evidence' && event.evidence.state !== 'ok')).toEqual([])
})

it('gives up on a crash loop, and answers everything', async () => {
  const opened = await open(['--exit', '4'], {restartAfter: [10, 10]})
  const waiting = call(opened.channel, request(1, 'ping'))
  const gaveUp = await eventually('giving up', () => opened.events.find(({type}) => type === 'gave_up'))
  expect(gaveUp).toMatchObject({message: expect.stringMatching(/ended 3 times in a row \(exited with code 4\)/)})
  expect((await waiting).failure).toMatchObject({failure: 'child_exited'})
  expect((await call(opened.channel, request(2, 'ping'))).failure).toMatchObject({status: 503, failure: 'child_exited'})
  expect(opened.channel.status().evidence).toMatchObject({state: 'failed'})
})

it('gives up on a program that is there no more, though it had worked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'supervisor-'))
  const program = join(folder, 'server')
  await symlink(process.execPath, program)
  const opened = await open([], {restartAfter: [10, 10]}, program)
  await call(opened.channel, request(1, 'ping'))
  await rm(folder, {recursive: true})
  await call(opened.channel, request(2, 'crash'))
  const gaveUp = await eventually('giving up', () => opened.events.find(({type}) => type === 'gave_up'))
  expect(gaveUp).toMatchObject({message: expect.stringMatching(/in a row \(could not be started again\)/)})
})

it('does not give up on a server that answers between its crashes', async () => {
  const opened = await open([], {restartAfter: [10, 10]})
  for (let i = 0; i < 5; i++) {
    await call(opened.channel, request(i, 'ping'))
    await call(opened.channel, request(i, 'crash'))
  }
  expect(opened.events.filter(({type}) => type === 'gave_up')).toEqual([])
  expect((await call(opened.channel, request(9, 'ping'))).response).toBeDefined()
})

it('keeps the calls that wait from a server that ends as soon as it starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'supervisor-'))
  const count = join(folder, 'starts')
  const opened = await open(['--count', count, '--fail-starts', '2,3'], {restartAfter: [100, 100, 100]})
  await opened.channel.probe()
  await eventually('life', () => opened.channel.status().evidence.state === 'ok')
  await call(opened.channel, request(1, 'crash'))
  await eventually('the loss to be known', () => lossIsKnown(opened))
  expect(await call(opened.channel, request(2, 'raw', {b: 2}))).toMatchObject({
    response: expect.stringContaining('{"b":2}'),
  })
  expect(detail(opened, 'restarts')).toBe('3')
})

it('does not give up soon on a server that lives until a call ends it', async () => {
  const opened = await open([], {restartAfter: [1, 1], restartHeardAfter: 1, mostHeard: 6})
  for (let i = 0; i < 6; i++) {
    expect((await call(opened.channel, request(i, 'crash'))).failure).toMatchObject({
      failure: 'child_exited',
      status: 502,
    })
  }
  expect(opened.events.filter(({type}) => type === 'gave_up')).toEqual([])
  await call(opened.channel, request(6, 'crash'))
  await eventually('giving up', () => opened.events.some(({type}) => type === 'gave_up'))
})

it('is ready before any caller without writing to the server', async () => {
  const opened = await open()
  const from = performance.now()
  expect(await opened.channel.probe()).toMatchObject({state: 'ok'})
  expect(performance.now() - from).toBeLessThan(2000)
  expect((await linesSeen(opened)).map(({method}) => method)).toEqual(['seen'])
})

it('is not ready when the program prints other things than JSON-RPC, until it does', async () => {
  const opened = await open(['--banner'], {startsWithin: 50})
  await eventually('the banner', () => opened.records.some(({message}) => message.includes('no JSON-RPC messages')))
  expect(await opened.channel.probe()).toMatchObject({state: 'failed', failure: 'mcp_not_json'})
  await call(opened.channel, request(1, 'ping'))
  expect(opened.channel.status().evidence).toMatchObject({state: 'ok'})
})

it('counts an initialize of a caller without an answer against readiness, and is not restarted for it', async () => {
  const opened = await open(['--silent'], {startsWithin: 50})
  expect(await opened.channel.probe()).toMatchObject({state: 'ok'})
  const {handle} = start(opened.channel, request(1, 'initialize'))
  handle.cancel('deadline')
  expect(opened.channel.status().evidence).toMatchObject({state: 'timeout', failures: 1})
  expect(detail(opened, 'restarts')).toBe('0')
})

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': {name: 'c', version: '1'},
  'io.modelcontextprotocol/clientCapabilities': {},
}

it.each([
  ['bare after initialize', request(1, 'initialize'), undefined],
  ['bare after a bare request', request(1, 'raw'), undefined],
  ['with the envelope after a request of 2026-07-28', request(1, 'raw', {_meta: ENVELOPE}), '2026-07-28'],
])('pings an idle server in the era of its callers: %s', async (_era, first, version) => {
  const opened = await open([], {idle: 50, silentLook: 20})
  await opened.channel.probe()
  await call(opened.channel, first)
  await call(opened.channel, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
  // Reading the lines is traffic, which has to rest for a ping.
  const ping = await eventually(
    'a ping',
    async () => (await linesSeen(opened)).find(({method, id}) => method === 'ping' && id !== undefined),
    {everyMs: 300},
  )
  const meta = (ping.params as {_meta?: Record<string, unknown>} | undefined)?._meta
  expect(meta?.['io.modelcontextprotocol/protocolVersion']).toBe(version)
})

it('asks an idle server, but not one that is at work', async () => {
  const opened = await open([], {idle: 50, silentLook: 20})
  await call(opened.channel, request(0, 'raw'))
  await opened.channel.probe()
  // Looking at the lines would be traffic; signs of life without any are answers to pings.
  const signs = new Set<number>()
  await eventually('signs of life', () => {
    const {evidence} = opened.channel.status()
    return evidence.state === 'ok' && signs.add(evidence.at).size >= 3
  })
  const busy = start(opened.channel, request(1, 'silent'))
  await call(opened.channel, request(2, 'delay', {ms: 200}))
  const methods = (await linesSeen(opened)).map(({method}) => method)
  expect(methods.lastIndexOf('ping')).toBeLessThan(methods.indexOf('silent'))
  busy.handle.cancel('shutdown')
})

it('serves a server that ends when it is asked anything before its handshake', async () => {
  const opened = await open(['--shy'], {startsWithin: 50})
  expect(await opened.channel.probe()).toMatchObject({state: 'ok'})
  expect((await call(opened.channel, request(1, 'initialize'))).response).toBeDefined()
  expect(detail(opened, 'restarts')).toBe('0')
})

it('knows nothing of the next server from what the one before has said', async () => {
  const opened = await open([], {startsWithin: 500})
  await call(opened.channel, request(0, 'ping'))
  await call(opened.channel, request(1, 'crash'))
  await eventually('the second server', () => detail(opened, 'pid') !== undefined)
  const before = opened.events.length
  await eventually('readiness', () => opened.channel.status().evidence.state === 'ok')
  const after = opened.events.slice(before).map((event) => event.type === 'evidence' && event.evidence.state)
  expect(after).toEqual(['ok'])
})

it('is not ready after a restart until the server has answered the repeated initialize', async () => {
  const count = join(await mkdtemp(join(tmpdir(), 'supervisor-')), 'starts')
  const timing = {startsWithin: 50, pingTimeout: 100, silentLook: 20}
  const opened = await open(['--count', count, '--silent-after', '1'], timing)
  await opened.channel.probe()
  await call(opened.channel, request(0, 'initialize'))
  const before = opened.events.length
  await call(opened.channel, request(1, 'crash'))
  await eventually('the finding', () => {
    const {evidence} = opened.channel.status()
    return evidence.state === 'failed' && evidence.failure === 'child_silent'
  })
  const after = opened.events.slice(before).map((event) => event.type === 'evidence' && event.evidence.state)
  expect(after.filter((state) => state !== 'failed')).toEqual([])
})

it('loses the evidence when the process ends, whatever it has left behind', async () => {
  const opened = await open(['--grandchild'], {restartAfter: [60_000]})
  expect(await opened.channel.probe()).toMatchObject({state: 'ok'})
  const from = performance.now()
  const failed = new Promise<number>((resolve) => {
    opened.channel.watch((event) => {
      if (event.type === 'evidence' && event.evidence.state === 'failed') resolve(performance.now() - from)
    })
  })
  const crash = call(opened.channel, request(1, 'crash')).then(() => performance.now() - from)
  // The pipe is still held then, and the call waits for what may be in it.
  expect(await failed).toBeLessThan(await crash)
})
