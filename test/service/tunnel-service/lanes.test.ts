// Channels that nobody works off, beside one that is: the line is shared, and no channel takes it all.

import {describe, expect, it} from 'vitest'
import {call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const MiB = 1024 * 1024

/** So many calls at once; `refused` counts those that found no room. */
function floodOf(count: number, urlOf: (id: number) => string) {
  const flood = {refused: 0, ends: Promise.resolve<number[]>([])}
  const one = async (id: number): Promise<number> => {
    const {status} = await call(urlOf(id), toolCall(id))
    if (status === 429) flood.refused++
    return status
  }
  flood.ends = Promise.all(Array.from({length: count}, (_, id) => one(id)))
  return flood
}

/** Answers whatever comes for `main`, until the test ends. */
async function serveMain(daemon: ReturnType<typeof startDaemon>): Promise<void> {
  for (;;) {
    const {commands} = await daemon.poll('channel=main&timeout_ms=5000')
    for (const command of commands) await daemon.respond(command)
  }
}

describe('a channel that no daemon works off', () => {
  it('fills only what is its own: calls of the served one go through', async () => {
    const service = await startService({responseTimeoutMs: 20_000, queue: {maxCommands: 20}})
    const daemon = startDaemon(service)
    void serveMain(daemon).catch(() => {})
    const flood = floodOf(30, () => `${service.mcpUrl}/tools`)
    await until(() => service.snapshot()!.queued === 20 && flood.refused === 10)
    const served = await Promise.all(Array.from({length: 10}, (_, id) => call(service.mcpUrl, toolCall(id))))
    expect(served.map(({status}) => status)).toEqual(Array(10).fill(200))
    expect(service.snapshot()!.queued).toBe(20)
    await service.close()
    expect((await flood.ends).sort()).toEqual([...Array(10).fill(429), ...Array(20).fill(503)])
  })

  it('leaves room whatever names callers make up: those that no daemon knows share one place', async () => {
    const service = await startService({queue: {maxCommands: 20}})
    const daemon = startDaemon(service)
    void serveMain(daemon).catch(() => {})
    const flood = floodOf(60, (id) => `${service.mcpUrl}/made-up-${id}`)
    await until(() => service.snapshot()!.queued === 20 && flood.refused === 40)
    expect((await call(service.mcpUrl, toolCall(1))).status).toBe(200)
    expect(service.snapshot()!.queued).toBe(20)
    await service.close()
    await flood.ends
  })

  it('takes no bytes from the others, in the line or arriving', async () => {
    const service = await startService({queue: {maxBytes: MiB}})
    const daemon = startDaemon(service)
    void serveMain(daemon).catch(() => {})
    const waiting = call(`${service.mcpUrl}/tools`, toolCall(1, 'x'.repeat(600 * 1024)))
    await until(() => service.snapshot()!.queued === 1)
    const slow = RawSocket.to(service.mcpUrl)
    slow.write(httpBytes('POST', `${service.mcpUrlPath}/tools`, {headers: {'Transfer-Encoding': 'chunked'}}))
    slow.write(Buffer.concat([Buffer.from('50000\r\n'), Buffer.alloc(0x50000, 0x20), Buffer.from('\r\n')]))
    await until(() => service.snapshot()!.bytes > 900 * 1024)
    expect((await call(`${service.mcpUrl}/tools`, toolCall(2, 'x'.repeat(200 * 1024)))).status).toBe(429)
    expect((await call(service.mcpUrl, toolCall(3, 'x'.repeat(200 * 1024)))).status).toBe(200)
    slow.destroy()
    await service.close()
    await waiting
  })

  it('is named when its calls end, although daemons of other channels poll', async () => {
    const service = await startService({responseTimeoutMs: 0, clientLastSeenMs: 60})
    const daemon = startDaemon(service)
    void serveMain(daemon).catch(() => {})
    await until(() => service.snapshot()!.parkedPolls === 1)
    const {status, text, headers} = await call(`${service.mcpUrl}/tools`, toolCall(1))
    expect([status, JSON.parse(text).error.code, headers['retry-after']]).toEqual([503, 'tunnel_client_not_seen', '5'])
    expect(JSON.parse(text).error.message).toContain('channel tools')
  })

  it('is named in a time-out that comes before', async () => {
    const service = await startService({responseTimeoutMs: 60})
    const daemon = startDaemon(service)
    void serveMain(daemon).catch(() => {})
    await until(() => service.snapshot()!.parkedPolls === 1)
    const {status, text} = await call(`${service.mcpUrl}/tools`, toolCall(1))
    expect([status, JSON.parse(text).error.code]).toEqual([504, 'tunnel_client_not_seen'])
    expect(JSON.parse(text).error.message).toContain('channel tools')
  })
})

it('a channel alone has the whole line, and a daemon that comes late finds it as it came', async () => {
  const service = await startService({queue: {maxCommands: 20}})
  const flood = floodOf(25, () => `${service.mcpUrl}/tools`)
  await until(() => service.snapshot()!.queued === 20 && flood.refused === 5)
  const daemon = startDaemon(service)
  const first = await daemon.poll('channel=tools&limit=25')
  expect(first.commands.length).toBe(20)
  await Promise.all(first.commands.map((command) => daemon.respond(command)))
  expect((await flood.ends).sort()).toEqual([...Array(20).fill(200), ...Array(5).fill(429)])
  expect(service.snapshot()).toMatchObject({queued: 0, bytes: 0, inFlight: 0})
})
