import {describe, expect, it} from 'vitest'
import type {TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {BOTH, call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import type {Daemon} from './support/daemon.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const STATELESS = {Accept: BOTH, 'MCP-Protocol-Version': '2026-07-28'}

function open(service: TunnelService, headers: Record<string, string> = STATELESS, id = 1): RawSocket {
  const socket = RawSocket.to(service.mcpUrl)
  socket.write(httpBytes('POST', service.mcpUrlPath, {headers, body: toolCall(id)}))
  return socket
}

const nothingFor = async (daemon: Daemon): Promise<void> =>
  expect((await daemon.poll('limit=20&timeout_ms=60')).status).toBe(204)

describe('features', () => {
  it('are named in every answer to a poll', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    expect(await daemon.poll('timeout_ms=10')).toMatchObject({
      status: 204,
      features: 'cancel, urgent, session_stream, poll_receipts, stream_head',
    })
    const reply = call(service.mcpUrl, toolCall(1))
    const {commands, features} = await daemon.poll()
    expect(features).toBe('cancel, urgent, session_stream, poll_receipts, stream_head')
    await daemon.respond(commands[0]!)
    await reply
  })

  it('go with the name of this run, which no other run has', async () => {
    const polls = [startDaemon(await startService()), startDaemon(await startService())]
    const [one, other] = await Promise.all(polls.map((daemon) => daemon.poll('timeout_ms=10')))
    expect(one!.run).toMatch(/^[0-9a-f]{12}$/)
    expect((await polls[0]!.poll('timeout_ms=10')).run).toBe(one!.run)
    expect(other!.run).not.toBe(one!.run)
  })
})

describe('hanging up', () => {
  it('cancels a call of 2026-07-28 at the daemon that works on it', async () => {
    const service = await startService()
    const [one, two] = ['a', 'b'].map((letter) =>
      startDaemon(service, {instanceId: letter.repeat(32), features: 'Cancel , urgent'}),
    ) as [Daemon, Daemon]
    const caller = open(service)
    const command = await one.next()
    const other = two.poll('limit=20&timeout_ms=300')
    caller.destroy()
    const cancel = await one.next()
    expect(cancel).toMatchObject({command_type: 'cancel', cancels: command.request_id, channel: 'main', headers: {}})
    expect(cancel).not.toHaveProperty('jsonrpc')
    expect(cancel).not.toHaveProperty('response_timeout')
    // Nobody has to answer it.
    expect(service.snapshot()!.inFlight).toBe(0)
    expect(await one.ack(cancel)).toBe(404)
    expect(await one.respond(command)).toBe(404)
    expect((await other).status).toBe(204)
    expect(service.snapshot()!.inFlight).toBe(0)
  })

  it('before any daemon has the call only removes it', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel'})
    await daemon.poll('timeout_ms=1')
    const caller = open(service)
    await until(() => service.snapshot()!.queued === 1)
    caller.destroy()
    await until(() => service.snapshot()!.queued === 0)
    await nothingFor(daemon)
  })

  it('is not told to a daemon that did not say that it understands', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const caller = open(service, STATELESS)
    const command = await daemon.next()
    caller.destroy()
    await until(() => service.snapshot()!.inFlight === 0)
    await nothingFor(daemon)
    expect(await daemon.respond(command)).toBe(404)
  })

  it('of an older caller ends the call a second later: no answer can reach it any more', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel'})
    const caller = open(service, {Accept: BOTH})
    const command = await daemon.next()
    caller.destroy()
    const cancel = await daemon.next()
    expect(cancel).toMatchObject({command_type: 'cancel', cancels: command.request_id})
    expect(cancel).not.toHaveProperty('timed_out')
  })

  it('is told apart from a time that is over while the caller still waits', async () => {
    const service = await startService({responseTimeoutMs: 100})
    const daemon = startDaemon(service, {features: 'cancel'})
    const caller = open(service, {Accept: BOTH})
    const command = await daemon.next()
    expect(await daemon.next()).toMatchObject({
      command_type: 'cancel',
      cancels: command.request_id,
      timed_out: true,
    })
    await caller.until('tunnel_response_timeout')
  })

  it('after the answer cancels nothing', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel'})
    const caller = open(service)
    await daemon.respond(await daemon.next())
    await caller.until('"result"')
    caller.destroy()
    await nothingFor(daemon)
  })
})

describe('a poll for what is urgent', () => {
  it('leaves calls in the line, and takes answers, cancellations by hang-up and by message', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel, urgent'})
    const caller = open(service)
    const running = await daemon.next()
    const waiting = [2, 3].map((id) => call(service.mcpUrl, toolCall(id)))
    await until(() => service.snapshot()!.queued === 2)
    const parked = daemon.poll('limit=20&timeout_ms=5000&only=urgent')
    await until(() => service.snapshot()!.parkedPolls === 1)
    caller.destroy()
    expect((await parked).commands).toMatchObject([{command_type: 'cancel', cancels: running.request_id}])
    const cancelled = call(
      service.mcpUrl,
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}',
      {headers: {'mcp-session-id': 's'}},
    )
    await until(() => service.snapshot()!.queued === 3)
    const {commands} = await daemon.poll('limit=20&only=urgent')
    expect(commands.map(({jsonrpc}) => jsonrpc?.method)).toEqual(['notifications/cancelled'])
    await daemon.ack(commands[0]!)
    expect((await cancelled).status).toBe(202)
    expect((await daemon.poll('timeout_ms=20&only=urgent')).status).toBe(204)
    for (const command of (await daemon.poll()).commands) await daemon.respond(command)
    expect((await Promise.all(waiting)).map(({status}) => status)).toEqual([200, 200])
  })

  it('never brings a cancellation before its own call', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel, urgent'})
    const session = (name: string) => ({headers: {'mcp-session-id': name}})
    const calls = [call(service.mcpUrl, toolCall(1), session('a'))]
    await until(() => service.snapshot()!.queued === 1)
    const cancel = (id: string, name: string) =>
      call(
        service.mcpUrl,
        `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`,
        session(name),
      )
    calls.push(cancel('1.0', 'a'))
    await until(() => service.snapshot()!.queued === 2)
    calls.push(cancel('1', 'b'), cancel('"1"', 'a'))
    await until(() => service.snapshot()!.queued === 4)
    const urgent = await daemon.poll('only=urgent')
    expect(urgent.commands.map(({headers, jsonrpc}) => [headers['mcp-session-id']![0], jsonrpc?.params])).toEqual(
      expect.arrayContaining([
        ['b', {requestId: 1}],
        ['a', {requestId: '1'}],
      ]),
    )
    expect(urgent.commands).toHaveLength(2)
    const rest = await daemon.poll()
    expect(rest.commands.map(({jsonrpc}) => jsonrpc?.method)).toEqual(['tools/call', 'notifications/cancelled'])
    for (const command of [...urgent.commands, ...rest.commands]) {
      await (command.jsonrpc?.id === undefined ? daemon.ack(command) : daemon.respond(command))
    }
    expect((await Promise.all(calls)).map(({status}) => status)).toEqual([200, 202, 202, 202])
  })

  it('is the only word that can be asked for', async () => {
    const daemon = startDaemon(await startService())
    expect((await daemon.poll('only=calls')).status).toBe(400)
  })
})
