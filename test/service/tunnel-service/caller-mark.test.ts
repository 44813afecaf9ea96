// `notifications/cancelled` of callers without a session: it reaches the daemon for a call of the same caller only.

import {Agent} from 'undici'
import {afterEach, describe, expect, it} from 'vitest'
import {call, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const cancel = (requestId: unknown): string =>
  JSON.stringify({jsonrpc: '2.0', method: 'notifications/cancelled', params: {requestId}})

const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.destroy()
})

/** A client with a connection of its own for each request. */
function client(headers: Record<string, string>) {
  const dispatcher = (): Agent => {
    const agent = new Agent()
    agents.push(agent)
    return agent
  }
  return (url: string, body: string) => call(url, body, {headers, dispatcher: dispatcher()})
}

describe('a cancellation without a session', () => {
  it.each([
    ['other credentials', {authorization: 'Bearer a'}, {authorization: 'Bearer b'}],
    ['no credentials', {authorization: 'Bearer a'}, {}],
    ['other software', {'user-agent': 'a'}, {'user-agent': 'b'}],
  ])('of a caller with %s is acknowledged and ends nothing', async (_name, a, b) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = client(a as Record<string, string>)(service.mcpUrl, toolCall(7))
    const command = await daemon.next()
    expect((await client(b as Record<string, string>)(service.mcpUrl, cancel(7))).status).toBe(202)
    expect(service.snapshot()!.queued).toBe(0)
    await daemon.respond(command)
    expect((await reply).status).toBe(200)
  })

  it.each([
    ['in flight', true],
    ['that waits', false],
  ])('reaches the daemon for a call of the same caller %s, over another connection', async (_name, inFlight) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const one = client({authorization: 'Bearer a'})
    const reply = one(service.mcpUrl, toolCall(7))
    await until(() => service.snapshot()!.queued === 1)
    const command = inFlight ? await daemon.next() : null
    const cancelled = one(service.mcpUrl, cancel(7))
    const seen = [command ?? (await daemon.next()), await daemon.next()]
    expect(seen.map(({jsonrpc}) => jsonrpc?.method)).toEqual(['tools/call', 'notifications/cancelled'])
    await daemon.ack(seen[1]!)
    expect((await cancelled).status).toBe(202)
    await daemon.respond(seen[0]!)
    expect((await reply).status).toBe(200)
  })

  it('does not take 7 for "7", and goes through with a session whoever sends it', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const one = client({'mcp-session-id': 's'})
    const reply = client({})(service.mcpUrl, toolCall(7))
    const command = await daemon.next()
    expect((await client({})(service.mcpUrl, cancel('7'))).status).toBe(202)
    expect(service.snapshot()!.queued).toBe(0)
    const cancelled = one(service.mcpUrl, cancel(1))
    await daemon.ack(await daemon.next())
    expect((await cancelled).status).toBe(202)
    await daemon.respond(command)
    expect((await reply).status).toBe(200)
  })
})
