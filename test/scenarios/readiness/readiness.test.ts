// Readiness is a claim: `/readyz` is looked at every 20 ms while everything that it stands on comes and goes. Times count
// from what this process did or saw itself, on its own clock, and on a busy machine in looks (see `Sampler.took`). Nothing on
// the machine is promised to us: what must follow within a time is done several times over, the best must keep the promise
// and the worst a multiple of it. What must never be is never allowed.

import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {watchProgram} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {postMcp} from '../../support/post-mcp.ts'
import {quietPort} from '../../support/servers/loopback.ts'
import {type DaemonProcess, Tunnel} from '../tunnel.ts'
import {openRevocableKey} from './revocable-key.ts'
import {Sampler} from './sampler.ts'

const SERVER = fileURLToPath(new URL('../../support/servers/stdio-server.mjs', import.meta.url))
const STDIO = {stdio: [process.execPath, SERVER]}
/** How much longer than promised a busy machine of two cores may make it. */
const SLACK = 10

let tunnel: Tunnel
const samplers: Sampler[] = []
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(async () => {
  await Promise.all(samplers.splice(0).map((sampler) => sampler.stop()))
  await tunnel.stop()
})

function sample({urlFile}: DaemonProcess): Sampler {
  const sampler = new Sampler(readFileSync(urlFile, 'utf8').trim())
  samplers.push(sampler)
  return sampler
}

const turned = (sampler: Sampler, from: number, status: number): Promise<number> =>
  eventually(`/readyz ${status}`, () => sampler.firstAfter(from, status), {everyMs: 10})

async function ask(url: string, method: string, params: object = {}): Promise<number> {
  const reply = await postMcp(url, {id: 1, method, params})
  await reply.arrayBuffer()
  return reply.status
}

const pidOf = async (url: string): Promise<number> => {
  const reply = await postMcp(url, {id: 1, method: 'pids', params: {}}, {accept: 'application/json'})
  return ((await reply.json()) as {result: {own: number}}).result.own
}

/** The best of several times keeps the promise, the worst a multiple of it. */
function keeps(times: readonly number[], promise: number): void {
  expect(Math.min(...times), `of ${times.map(Math.round)}`).toBeLessThanOrEqual(promise)
  expect(Math.max(...times), `of ${times.map(Math.round)}`).toBeLessThanOrEqual(promise * SLACK)
}

test('start: never ready before a poll was accepted, though the server runs', async () => {
  const service = await tunnel.service()
  const key = await openRevocableKey(service.baseUrl)
  key.revoke()
  const daemon = await tunnel.daemon({...service, baseUrl: key.baseUrl}, STDIO)
  const sampler = sample(daemon)
  await key.refused
  await eventually('the server', () => sampler.looks.at(-1)?.body.startsWith('control plane poll failing'))
  expect(sampler.looks.filter(({status}) => status === 200)).toEqual([])
  const from = performance.now()
  await key.restore()
  await turned(sampler, from, 200)
  await key.close()
})

test('start: not ready while the program prints other things than JSON-RPC', async () => {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, {stdio: [...STDIO.stdio, '--banner']})
  const sampler = sample(daemon)
  await eventually('the reason', () =>
    sampler.looks.at(-1)?.body.startsWith('mcp probe failed: stdio MCP command prints'),
  )
  // A program that is slow to start may have looked well before it printed.
  const printed = performance.now()
  await eventually('some looks', () => sampler.between(printed).length > 25)
  expect(sampler.between(printed).filter(({status}) => status === 200)).toEqual([])
  const from = performance.now()
  expect(await ask(service.mcpUrl, 'ping')).toBe(200)
  await turned(sampler, from, 200)
})

test('child crash: 503 within 0.1 s, ready again within 2 s, and never in between without a new child', async () => {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, STDIO)
  await daemon.ready()
  const sampler = sample(daemon)
  const losses: number[] = []
  const returns: number[] = []
  for (let round = 0; round < 5; round++) {
    const child = await pidOf(service.mcpUrl)
    const from = performance.now()
    process.kill(child, 'SIGKILL')
    const lost = await turned(sampler, from, 503)
    losses.push(sampler.took(from, lost))
    returns.push(sampler.took(lost, await turned(sampler, lost, 200)))
  }
  keeps(losses, 100)
  keeps(returns, 2000)
  expect(sampler.looks.filter(({status}) => status === 503).map(({body}) => body)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^mcp probe failed: stdio MCP command (exited|ended by SIGKILL)/)]),
  )
})

test('revoked key: 503 within 1 s of the refusal, ready within 2 s of the next accepted poll', async () => {
  const service = await tunnel.service()
  const key = await openRevocableKey(service.baseUrl)
  const daemon = await tunnel.daemon({...service, baseUrl: key.baseUrl}, STDIO)
  await daemon.ready()
  const sampler = sample(daemon)
  key.revoke()
  // The standing poll was accepted with the key as it was; the next one is refused.
  void ask(service.mcpUrl, 'ping').catch(() => {})
  const refused = await key.refused
  const lost = await turned(sampler, refused - 20, 503)
  keeps([sampler.took(refused, lost)], 1000)
  expect(sampler.looks.at(-1)?.body).toBe('control plane poll failing: key_invalid')
  await eventually('another second of looks', () => sampler.between(lost).length > 50)
  expect(sampler.between(lost).filter(({status}) => status === 200)).toEqual([])
  // A refused key is tried again after a second, then less and less often: the promise counts from the poll.
  const accepted = await key.restore()
  keeps([sampler.took(accepted, await turned(sampler, accepted - 20, 200))], 2000)
  await key.close()
})

test('outage: 503 within 1 s of the lost service, ready within 2 s of its return', async () => {
  const place = async (): Promise<string> => `127.0.0.1:${await quietPort()}`
  const flags = ['--state', tunnel.path('service.json'), '--listen', await place(), '--ingress-listen', await place()]
  let service = await tunnel.service(flags)
  const daemon = await tunnel.daemon(service, STDIO)
  await daemon.ready()
  const sampler = sample(daemon)
  const losses: number[] = []
  const returns: number[] = []
  for (let round = 0; round < 3; round++) {
    const from = performance.now()
    service.process.kill('SIGKILL')
    const lost = await turned(sampler, from, 503)
    losses.push(sampler.took(from, lost))
    await eventually('a while without a service', () => performance.now() > lost + 3000)
    expect(sampler.between(lost).filter(({status}) => status === 200)).toEqual([])
    service = await tunnel.service(flags)
    const back = performance.now()
    returns.push(sampler.took(back, await turned(sampler, back - 500, 200)))
  }
  keeps(losses, 1000)
  keeps(returns, 2000)
})

test('MCP server stop over HTTP: 503 with the first failed call, ready within 2 s of its return', async () => {
  const service = await tunnel.service()
  let server = await httpServer(await quietPort())
  const daemon = await tunnel.daemon(service, {http: `http://127.0.0.1:${server.port}/mcp`})
  await daemon.ready()
  const sampler = sample(daemon)
  const losses: number[] = []
  const returns: number[] = []
  for (let round = 0; round < 3; round++) {
    await server.stop()
    expect(await ask(service.mcpUrl, 'tools/list')).toBe(502)
    const failed = performance.now()
    losses.push(sampler.took(failed, await turned(sampler, failed - 20, 503)))
    await eventually('a while without a server', () => performance.now() > failed + 1500)
    expect(sampler.between(failed + 100).filter(({status}) => status === 200)).toEqual([])
    server = await httpServer(server.port)
    const back = performance.now()
    returns.push(sampler.took(back, await turned(sampler, back - 100, 200)))
  }
  keeps(losses, 100)
  keeps(returns, 2000)
  await server.stop()
})

test('MCP server stop over HTTP without any call: 503 after 60 s', {timeout: 200_000}, async () => {
  const service = await tunnel.service()
  const server = await httpServer(0)
  const daemon = await tunnel.daemon(service, {http: `http://127.0.0.1:${server.port}/mcp`})
  await daemon.ready()
  await server.stop()
  const from = performance.now()
  const sampler = sample(daemon)
  const lost = await eventually('/readyz 503', () => sampler.firstAfter(from, 503), {timeoutMs: 150_000})
  keeps([sampler.took(from, lost)], 61_000)
})

test('daemon stop: 503 from the signal on, while calls are finished, to the end', async () => {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, STDIO)
  await daemon.ready()
  const sampler = sample(daemon)
  const call = ask(service.mcpUrl, 'delay', {ms: 6000})
  await eventually('some looks', () => sampler.looks.length > 20)
  const from = performance.now()
  daemon.process.kill('SIGTERM')
  const lost = await turned(sampler, from, 503)
  keeps([sampler.took(from, lost)], 100)
  expect(await call).toBe(200)
  expect((await daemon.process.exited).status).toBe(0)
  await sampler.stop()
  const after = sampler.between(lost)
  expect(after.filter(({status}) => status === 200)).toEqual([])
  expect(after.filter(({status}) => status === 503).map(({body}) => body)).toEqual(expect.arrayContaining(['draining']))
})

/** An MCP server that is nothing but its handshake, in a process of its own, at this port or any. */
async function httpServer(port: number): Promise<{port: number; stop(): Promise<void>}> {
  const program = fileURLToPath(new URL('hello-server.mjs', import.meta.url))
  const started = watchProgram([process.execPath, program, String(port)])
  const listening = await started.output(/\{"port":(\d+)\}/)
  return {
    port: Number(listening[1]),
    stop: async () => {
      started.kill('SIGKILL')
      await started.exited
    },
  }
}
