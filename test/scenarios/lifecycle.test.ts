// Stopping, dying and coming back: no caller is left without an answer, no call runs twice.

import {existsSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {postMcp} from '../support/post-mcp.ts'
import {quietPort} from '../support/servers/loopback.ts'
import {type Binding, Tunnel} from './tunnel.ts'

let tunnel: Tunnel
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(() => tunnel.stop())

/** Calls a tool without a session and returns status and text of the whole answer. */
async function callTool(url: string, name: string, args: object): Promise<{status: number; text: string}> {
  const reply = await postMcp(url, {id: 1, method: 'tools/call', params: {name, arguments: args}})
  return {status: reply.status, text: await reply.text()}
}

const wait = (url: string, tag: number): Promise<{status: number; text: string}> =>
  callTool(url, 'wait', {ms: 1000, tag})

/** How often the server has run `wait`, asked past the tunnel. */
async function runs(binding: Binding & {http: string}): Promise<number> {
  const {text} = await callTool(binding.http, 'runs', {})
  return Number(/"text":"(\d+)"/.exec(text)?.[1])
}

test('SIGTERM under 64 concurrent calls: 64 right answers, exit 0, files gone', async () => {
  const service = await tunnel.service()
  const server = await tunnel.sdkServer()
  const pidFile = tunnel.path('daemon.pid')
  const flags = ['--control-plane.max-inflight', '64', '--mcp.max-concurrent-requests', '64', '--pid.file', pidFile]
  const daemon = await tunnel.daemon(service, server, flags)
  await daemon.ready()
  const calls = Array.from({length: 64}, (_, tag) => wait(service.mcpUrl, tag))
  await eventually('64 calls at the server', async () => (await runs(server)) === 64)
  daemon.process.kill('SIGTERM')
  const answers = await Promise.all(calls)
  answers.forEach((answer, tag) => {
    expect(answer).toEqual({status: 200, text: expect.stringContaining(`"waited ${tag}"`)})
  })
  expect(await daemon.process.exited).toEqual({status: 0, signal: null})
  expect(existsSync(daemon.urlFile)).toBe(false)
  expect(existsSync(pidFile)).toBe(false)
})

test('a second daemon takes over: every caller is answered, nothing runs twice', async () => {
  const service = await tunnel.service()
  const server = await tunnel.sdkServer()
  const first = await tunnel.daemon(service, server)
  await first.ready()
  const calls = Array.from({length: 64}, (_, tag) => wait(service.mcpUrl, tag))
  await eventually('the first calls at the server', async () => (await runs(server)) >= 5)
  const second = await tunnel.daemon(service, server)
  await second.ready()
  first.process.kill('SIGTERM')
  const answers = await Promise.all(calls)
  expect(answers.filter(({text}) => text.includes('"waited ')).length).toBe(64)
  expect(await runs(server)).toBe(64)
  expect((await first.process.exited).status).toBe(0)
})

test('a daemon killed while it polls loses nothing: the next one answers', async () => {
  const service = await tunnel.service()
  const server = await tunnel.sdkServer()
  const first = await tunnel.daemon(service, server)
  await first.ready()
  first.process.kill('SIGKILL')
  await first.process.exited
  const calls = Array.from({length: 8}, (_, tag) => callTool(service.mcpUrl, 'wait', {ms: 1, tag}))
  await tunnel.daemon(service, server)
  for (const [tag, answer] of (await Promise.all(calls)).entries()) expect(answer.text).toContain(`"waited ${tag}"`)
  expect(await runs(server)).toBe(8)
})

test('the service goes away and comes back: 503 meanwhile, ready again, no restart', async () => {
  const state = tunnel.path('service-state.json')
  const place = ['--state', state, '--listen', `127.0.0.1:${await quietPort()}`]
  const service = await tunnel.service(place)
  const server = await tunnel.sdkServer()
  const daemon = await tunnel.daemon(service, server)
  await daemon.ready()
  await service.process.stop()
  const lost = await eventually('503', async () => {
    const reply = await daemon.get('/readyz')
    return reply.status === 503 ? reply : null
  })
  expect(lost.body).toMatch(/^control plane poll (failing|pending)/)
  await sleep(3000)
  const again = await tunnel.service(place)
  await daemon.ready()
  expect(again.tunnelId).toBe(service.tunnelId)
  expect((await callTool(again.mcpUrl, 'wait', {ms: 1, tag: 1})).text).toContain('"waited 1"')
})
