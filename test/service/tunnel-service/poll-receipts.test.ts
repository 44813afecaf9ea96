// What a daemon says of its polls: commands whose answer was lost on its way come again, for that daemon alone, and nothing
// else changes.

import {describe, expect, it} from 'vitest'
import type {TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {call, toolCall} from './support/caller.ts'
import type {Daemon, PolledCommand} from './support/daemon.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const ids = (commands: readonly PolledCommand[]): unknown[] => commands.map(({jsonrpc}) => jsonrpc?.id)
const NOW = 'timeout_ms=20'

/** Puts calls in the line, one after the other. */
async function queueCalls(service: TunnelService, calls: readonly (number | string)[], headers = {}) {
  const replies: ReturnType<typeof call>[] = []
  for (const id of calls) {
    const {queued} = service.snapshot()!
    replies.push(call(service.mcpUrl, toolCall(id, {pad: `of ${id}`}), {headers}))
    await until(() => service.snapshot()!.queued === queued + 1)
  }
  return replies
}

/** A poll with this `X-Tunnel-Poll`. */
const poll = (daemon: Daemon, receipt: string, query = NOW) => {
  daemon.receipt = receipt
  return daemon.poll(query)
}

/** Makes call 1; its caller hangs up when the controller aborts. */
function callerWhoMayLeave({mcpUrl}: Awaited<ReturnType<typeof startService>>): AbortController {
  const left = new AbortController()
  const headers = {'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call'}
  call(mcpUrl, toolCall(1), {signal: left.signal, headers}).catch(() => {})
  return left
}

describe('a poll whose answer was lost on its way', () => {
  it('gives its commands again: whole, first in line, to the daemon that says so', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {instanceId: 'one'})
    const stranger = startDaemon(service, {instanceId: 'two'})
    const replies = await queueCalls(service, [1, 2])
    const lost = await poll(daemon, '7')
    expect(ids(lost.commands)).toEqual([1, 2])
    replies.push(...(await queueCalls(service, [3])))
    expect(ids((await poll(stranger, '1; lost=7', `limit=1&${NOW}`)).commands)).toEqual([3])
    const again = await poll(daemon, '8; lost=7')
    expect(again.commands.map(({response_timeout: _, ...rest}) => rest)).toEqual(
      lost.commands.map(({response_timeout: _, ...rest}) => rest),
    )
    for (const command of again.commands) expect(await daemon.respond(command)).toBe(200)
    expect((await Promise.all(replies.slice(0, 2))).map(({status}) => status)).toEqual([200, 200])
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 1})
  })

  it('keeps the order of a session: what was lost goes before what came later', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await queueCalls(service, [1, 2], {'mcp-session-id': 's'})
    await poll(daemon, '1')
    await queueCalls(service, [3], {'mcp-session-id': 's'})
    expect(ids((await poll(daemon, '2; lost=1')).commands)).toEqual([1, 2, 3])
  })

  it('gives again only what is not answered: the daemon may have read a part', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const replies = await queueCalls(service, [1, 2, 3])
    const {commands} = await poll(daemon, '1')
    await daemon.respond(commands[0]!)
    await replies[0]
    expect(ids((await poll(daemon, '2; lost=1')).commands)).toEqual([2, 3])
    // Said again, because the daemon cannot know that it was heard; poll 2 is lost, too.
    await daemon.respond(commands[1]!)
    expect(ids((await poll(daemon, '3; lost=1,2')).commands)).toEqual([3])
    await daemon.respond(commands[2]!)
    expect((await Promise.all(replies)).map(({status}) => status)).toEqual([200, 200, 200])
  })

  it('takes the answer of a command that waits to be given again', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const replies = await queueCalls(service, [1, 2])
    const {commands} = await poll(daemon, '1')
    await poll(daemon, '2; lost=1', `limit=1&${NOW}`)
    expect(service.snapshot()).toMatchObject({queued: 1, inFlight: 1})
    expect(await daemon.respond(commands[1]!)).toBe(200)
    expect((await replies[1]!).status).toBe(200)
    expect(ids((await poll(daemon, '3')).commands)).toEqual([])
  })

  it('has time of its own: a call whose time was over meanwhile is not given again, and says why it ended', async () => {
    const service = await startService({responseTimeoutMs: 2000})
    const daemon = startDaemon(service)
    const [reply] = await queueCalls(service, [1])
    await poll(daemon, '1')
    const {status, text} = await reply!
    expect([status, JSON.parse(text).error.code]).toEqual([504, 'tunnel_response_timeout'])
    expect((await poll(daemon, '2; lost=1')).status).toBe(204)
  })

  it('gives again what has less time then', async () => {
    const service = await startService({responseTimeoutMs: 60_000})
    const daemon = startDaemon(service)
    await queueCalls(service, [1])
    const timeout = ({commands}: {commands: PolledCommand[]}) => Number.parseInt(commands[0]!.response_timeout!, 10)
    const first = timeout(await poll(daemon, '1'))
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(timeout(await poll(daemon, '2; lost=1'))).toBeLessThanOrEqual(first - 25)
  })

  it('forgets a caller who hung up, and tells the daemon, which may have the call', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel, poll_receipts'})
    const left = callerWhoMayLeave(service)
    const {commands} = await poll(daemon, '1', 'timeout_ms=5000')
    await queueCalls(service, [2])
    await poll(daemon, '2; open=1', `limit=1&${NOW}`)
    await poll(daemon, '3; lost=1,2', `limit=1&${NOW}`).then(({commands: again}) => expect(ids(again)).toEqual([1]))
    await poll(daemon, '4; lost=3', `only=urgent&${NOW}`)
    expect(service.snapshot()).toMatchObject({queued: 2})
    left.abort()
    const told = await poll(daemon, '5', `only=urgent&timeout_ms=5000`)
    expect(told.commands).toMatchObject([{command_type: 'cancel', cancels: commands[0]!.request_id}])
    expect(ids((await poll(daemon, '6')).commands)).toEqual([2])
  })

  it('gives a cancellation again, which nobody answers, and only until it was read', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel, poll_receipts'})
    const left = callerWhoMayLeave(service)
    await poll(daemon, '1', 'timeout_ms=5000')
    const second = poll(daemon, '2', 'timeout_ms=5000')
    await until(() => service.snapshot()!.parkedPolls === 1)
    left.abort()
    expect((await second).commands).toMatchObject([{command_type: 'cancel'}])
    expect((await poll(daemon, '3; lost=2')).commands).toMatchObject([{command_type: 'cancel'}])
    expect((await poll(daemon, '4')).status).toBe(204)
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 0})
  })

  it('does not stop what is behind it for ever: what is lost again travels alone, and at last not at all', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await queueCalls(service, [1, 2])
    const seen: unknown[] = []
    let lost = ''
    for (let number = 1; number < 14; number++) {
      const {commands} = await poll(daemon, `${number}${lost}`)
      seen.push(ids(commands))
      // Whatever holds call 1 does not get through.
      lost = ids(commands).includes(1) ? `; lost=${number}` : ''
    }
    expect(seen.slice(0, 7)).toEqual([[1, 2], [1, 2], [1], [1], [1], [1], [2]])
    expect(seen.slice(7).flat()).toEqual([])
  })
})

describe('polls that a daemon tells of', () => {
  it('were read when they are neither open nor lost: nothing comes again', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await queueCalls(service, [1])
    await poll(daemon, '1')
    expect((await poll(daemon, '2')).status).toBe(204)
    expect((await poll(daemon, '3; lost=1')).status).toBe(204)
  })

  it('are kept while they are open beside others', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await queueCalls(service, [1])
    await poll(daemon, '1')
    expect((await poll(daemon, '2; open=1')).status).toBe(204)
    expect(ids((await poll(daemon, '3; lost=1')).commands)).toEqual([1])
  })

  it('get nothing any more once they are lost, although their connections still stand', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const dead = poll(daemon, '1', 'timeout_ms=5000').catch(() => 'closed')
    await until(() => service.snapshot()!.parkedPolls === 1)
    const alive = poll(daemon, '2; lost=1', 'timeout_ms=5000')
    expect(await dead).toBe('closed')
    await until(() => service.snapshot()!.parkedPolls === 1)
    void call(service.mcpUrl, toolCall(1))
    expect(ids((await alive).commands)).toEqual([1])
  })

  it('get what another of them has lost and the telling poll cannot take', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await queueCalls(service, [1])
    await poll(daemon, '1')
    const waiting = poll(daemon, '2; open=1', 'timeout_ms=5000')
    await until(() => service.snapshot()!.parkedPolls === 1)
    const telling = poll(daemon, '3; open=2; lost=1', `only=urgent&${NOW}`)
    expect(ids((await waiting).commands)).toEqual([1])
    expect((await telling).status).toBe(204)
  })

  it('get nothing when they come late, after their daemon has given them up', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await poll(daemon, '2; lost=1')
    await queueCalls(service, [1])
    await expect(poll(daemon, '1')).rejects.toThrow()
    expect(service.snapshot()).toMatchObject({queued: 1})
    expect(ids((await poll(daemon, '3')).commands)).toEqual([1])
  })

  it('may come twice under one number: whoever asks again on the way has not got the first answer', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    await queueCalls(service, [1])
    await poll(daemon, '1')
    expect(ids((await poll(daemon, '1')).commands)).toEqual([1])
  })

  it('are those of an instance: without an id, or with words that make no sense, nothing comes again', async () => {
    const service = await startService()
    const nobody = startDaemon(service, {instanceId: null})
    await queueCalls(service, [1])
    await poll(nobody, '1')
    expect((await poll(nobody, '2; lost=1')).status).toBe(204)
    const daemon = startDaemon(service, {instanceId: 'one'})
    await queueCalls(service, [2])
    await poll(daemon, '1')
    for (const receipt of ['2; lost=', '-2', '2;lost=1', '2; lost=1;', `2; lost=${'1,'.repeat(200)}1`, 'x; lost=1']) {
      expect((await poll(daemon, receipt)).status, receipt).toBe(204)
    }
    expect(ids((await poll(daemon, '3; lost=1')).commands)).toEqual([2])
  })

  it('end with their daemon: its callers hear of it as ever', async () => {
    const service = await startService({clientGoneMs: 50})
    const daemon = startDaemon(service, {instanceId: 'one'})
    const [reply] = await queueCalls(service, [1])
    await poll(daemon, '1')
    await poll(daemon, '2; lost=1', `only=urgent&${NOW}`)
    await daemon.die()
    const {status, text} = await reply!
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'tunnel_client_not_connected'])
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 0})
  })
})
