// What users of the reference reported, replayed with real processes: our service, our daemon, a stdio server that does
// what theirs did. Each test fails on a daemon that has the defect of its issue; the comments say how.

import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {postMcp} from '../support/post-mcp.ts'
import {type Binding, type DaemonProcess, Tunnel} from './tunnel.ts'

const SERVER = fileURLToPath(new URL('../support/servers/stdio-server.mjs', import.meta.url))
const serverWith = (...flags: string[]): Binding => ({stdio: [process.execPath, SERVER, ...flags]})

let tunnel: Tunnel
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(() => tunnel.stop())

interface Reply {
  readonly status: number
  readonly text: string
}

/** One message through the tunnel; the id is the caller's, and callers use the same ones again and again. */
async function say(url: string, message: object): Promise<Reply> {
  const reply = await postMcp(url, message)
  return {status: reply.status, text: await reply.text()}
}

const ask = (url: string, id: number, method: string, params: object = {}): Promise<Reply> =>
  say(url, {id, method, params})
const INITIALIZE = {protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {name: 'caller', version: '1'}}
const resultOf = ({status, text}: Reply): Record<string, unknown> => {
  expect(status).toBe(200)
  return (JSON.parse(/\{.*\}/s.exec(text)![0]) as {result: Record<string, unknown>}).result
}
const childOf = async (url: string): Promise<unknown> => resultOf(await ask(url, 0, 'pids')).own
const lines = (path: string): number => readFileSync(path, 'utf8').trim().split('\n').length

/** Every answer of `/readyz` from now on for `ms`, one every 20 ms. */
async function watchReadiness(daemon: DaemonProcess, ms: number): Promise<Set<number>> {
  const seen = new Set<number>()
  const until = performance.now() + ms
  while (performance.now() < until) {
    seen.add((await daemon.get('/readyz')).status)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return seen
}

describe('reference issue #34', () => {
  // There, the end of a call's time closed the pipes: the child went, and the daemon with it, with exit status 0.
  test.each([
    {end: 'deadline', service: ['--response-timeout', '4s'], daemon: []},
    {end: 'TTL', service: [], daemon: ['--mcp.connection-max-ttl', '4s']},
  ])('reference issue #34: a stdio call that outlives its $end does not end the daemon', async (limits) => {
    const service = await tunnel.service(limits.service)
    const daemon = await tunnel.daemon(service, serverWith(), limits.daemon)
    await daemon.ready()
    const child = await childOf(service.mcpUrl)
    // One is only slow, and its late answer belongs to nobody; one is never answered; one keeps the server from reading.
    const late = [ask(service.mcpUrl, 1, 'delay', {ms: 6000}), ask(service.mcpUrl, 2, 'silent')]
    expect((await Promise.all(late)).map(({status}) => status)).toEqual([504, 504])
    const blocked = await ask(service.mcpUrl, 1, 'block', {ms: 6000})
    expect(blocked.status).toBe(504)
    await eventually('answers again', async () => {
      const {status, text} = await ask(service.mcpUrl, 1, 'raw', {right: true})
      return status === 200 && text.includes('{"right":true}')
    })
    expect(await childOf(service.mcpUrl)).toBe(child)
    expect(daemon.process.child.exitCode).toBeNull()
    await daemon.ready()
  })

  test('reference issue #34: a server that cannot live ends the daemon with a failure, not with 0', async () => {
    const service = await tunnel.service()
    const daemon = await tunnel.daemon(service, serverWith('--exit', '4'))
    expect((await daemon.process.exited).status).toBe(1)
    expect(daemon.process.stderr()).toMatch(/ended 5 times in a row \(exited with code 4\)/)
  })
})

describe('reference issue #35', () => {
  // There, nothing that the control plane said counted for readiness: all was green while every poll was refused.
  test('reference issue #35: a daemon whose polls are refused is not ready and says why', async () => {
    const service = await tunnel.service()
    const stranger = {...service, runtimeKey: 'rt_not_the_key_of_this_tunnel'}
    const daemon = await tunnel.daemon(stranger, serverWith())
    await eventually('the refusal', async () => (await daemon.get('/readyz')).body.includes('poll failing'))
    expect(await watchReadiness(daemon, 1500)).toEqual(new Set([503]))
    expect((await daemon.get('/readyz')).body).toBe('control plane poll failing: key_invalid')
    const {body} = await daemon.get('/metrics')
    // What triagers asked for by hand: has a poll ever been successful?
    expect(body).toMatch(/^[a-z_]*commands_poll_last_successful_timestamp_seconds(?:\{[^}]*\})? 0$/m)
    const doctor = await runCli(
      ['doctor', '--control-plane.base-url', service.baseUrl, '--control-plane.tunnel-id', service.tunnelId].concat([
        '--mcp.command',
        `${process.execPath} ${SERVER}`,
      ]),
      {env: {CONTROL_PLANE_API_KEY: stranger.runtimeKey}},
    )
    expect(doctor.status).not.toBe(0)
  })
})

describe('reference issue #46', () => {
  // There, an id whose call had run out of time stayed refused for as long as the server left it unanswered, and callers
  // number their requests alike: 26 handshakes and 26 calls in a row got a 502 from a daemon that was ready.
  test('reference issue #46: ids of calls that were never answered serve the next callers', async () => {
    const service = await tunnel.service(['--response-timeout', '5s'])
    const daemon = await tunnel.daemon(service, serverWith())
    await daemon.ready()
    const silent = await Promise.all([0, 1].map((id) => ask(service.mcpUrl, id, 'silent')))
    expect(silent.map(({status}) => status)).toEqual([504, 504])
    for (let round = 0; round < 26; round++) {
      expect((await ask(service.mcpUrl, 0, 'initialize', INITIALIZE)).status).toBe(200)
      expect((await say(service.mcpUrl, {method: 'notifications/initialized'})).status).toBe(202)
      expect(resultOf(await ask(service.mcpUrl, 1, 'raw', {round}))).toEqual({round})
    }
  })

  // The other way to the same picture: the process lives, its pipe does not.
  test.each(['close-stdout', 'close-stdin'])(
    'reference issue #46: a server that lives on after %s is replaced without anybody’s help',
    async (how) => {
      const service = await tunnel.service()
      const daemon = await tunnel.daemon(service, serverWith('--ignore-sigterm'))
      await daemon.ready()
      const child = await childOf(service.mcpUrl)
      await ask(service.mcpUrl, 1, how)
      // Whoever writes notices that nobody reads any more; his own call is answered with a failure, not left alone.
      if (how === 'close-stdin') expect((await ask(service.mcpUrl, 1, 'raw', {})).status).toBe(502)
      const answers = await Promise.all(Array.from({length: 26}, (_, id) => ask(service.mcpUrl, id, 'raw', {id})))
      expect(answers.map((answer) => resultOf(answer).id)).toEqual(answers.map((_, id) => id))
      expect(await childOf(service.mcpUrl)).not.toBe(child)
      await daemon.ready()
    },
  )
})

describe('reference issue #58', () => {
  // There, one call at a time had the pipe: behind one that hung nothing reached the server, a handshake neither.
  test('reference issue #58: behind calls that hang, the handshake reaches the server and calls are answered', async () => {
    const service = await tunnel.service()
    const daemon = await tunnel.daemon(service, serverWith())
    await daemon.ready()
    const hanging = Array.from({length: 8}, (_, id) => ask(service.mcpUrl, id, 'silent').catch(() => null))
    await eventually(
      'the calls at the server',
      async () => (await methodsSeen(service.mcpUrl)).filter(isSilent).length === 8,
    )
    expect(resultOf(await ask(service.mcpUrl, 0, 'initialize', INITIALIZE)).serverInfo).toMatchObject({
      name: 'raw-stdio',
    })
    expect((await say(service.mcpUrl, {method: 'notifications/initialized'})).status).toBe(202)
    expect(resultOf(await ask(service.mcpUrl, 1, 'raw', {right: 1}))).toEqual({right: 1})
    expect(await methodsSeen(service.mcpUrl)).toEqual(
      expect.arrayContaining(['initialize', 'notifications/initialized']),
    )
    await daemon.process.stop()
    await Promise.all(hanging)
  })
})

const isSilent = (method: string): boolean => method === 'silent'
async function methodsSeen(url: string): Promise<string[]> {
  const {lines: seen} = resultOf(await ask(url, 9, 'seen')) as {lines: string[]}
  return seen.map((line) => (JSON.parse(Buffer.from(line, 'base64').toString()) as {method: string}).method)
}

describe('reference issue #45', () => {
  // There, a call could overtake `notifications/initialized`, or came without it, and strict servers left it hanging.
  test('reference issue #45: initialized reaches a strict server before the call behind it, every time', async () => {
    const service = await tunnel.service()
    const daemon = await tunnel.daemon(service, serverWith('--strict'))
    await daemon.ready()
    for (let round = 0; round < 20; round++) {
      expect((await ask(service.mcpUrl, 0, 'initialize', INITIALIZE)).status).toBe(200)
      expect((await say(service.mcpUrl, {method: 'notifications/initialized'})).status).toBe(202)
      expect(resultOf(await ask(service.mcpUrl, 1, 'raw', {round}))).toEqual({round})
    }
  })

  test('reference issue #45: a caller that leaves initialized out does not hang a server that waits for it', async () => {
    const service = await tunnel.service()
    const daemon = await tunnel.daemon(service, serverWith('--strict'))
    await daemon.ready()
    expect((await ask(service.mcpUrl, 0, 'initialize', INITIALIZE)).status).toBe(200)
    const from = performance.now()
    expect(resultOf(await ask(service.mcpUrl, 1, 'raw', {right: 1}))).toEqual({right: 1})
    expect(performance.now() - from).toBeLessThan(10_000)
  })
})

describe('reference issue #65', () => {
  // There, readiness could not be bound to the child that would serve the next call.
  // Before a handshake silence proves nothing (Java servers answer nothing then); an initialize without an answer does.
  test('reference issue #65: a server that left three callers without an answer to initialize is not ready', async () => {
    const service = await tunnel.service(['--response-timeout', '3s'])
    const daemon = await tunnel.daemon(service, serverWith('--silent'))
    await daemon.ready()
    for (let round = 0; round < 3; round++) await ask(service.mcpUrl, 0, 'initialize', INITIALIZE)
    await eventually('the reason', async () =>
      (await daemon.get('/readyz')).body.startsWith('mcp probe failed: no answer to the initialize request'),
    )
    expect(await watchReadiness(daemon, 3000)).toEqual(new Set([503]))
  })

  test('reference issue #65: what one child has proved does not make the next one ready', async () => {
    const starts = tunnel.path('starts')
    const service = await tunnel.service()
    const daemon = await tunnel.daemon(service, serverWith('--count', starts, '--silent-after', '1'))
    await daemon.ready()
    expect((await ask(service.mcpUrl, 0, 'initialize', INITIALIZE)).status).toBe(200)
    process.kill(Number(await childOf(service.mcpUrl)), 'SIGKILL')
    await eventually('the loss', async () => (await daemon.get('/readyz')).status === 503)
    await eventually('the second child', () => lines(starts) === 2)
    expect(await watchReadiness(daemon, 5000)).toEqual(new Set([503]))
    expect(daemon.process.child.exitCode).toBeNull()
  })
})
