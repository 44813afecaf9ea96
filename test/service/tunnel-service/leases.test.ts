import {Worker} from 'node:worker_threads'
import {describe, expect, it} from 'vitest'
import type {TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const MiB = 1024 * 1024

const pollBytes = (service: TunnelService, instanceId: string | null, query = ''): Buffer =>
  httpBytes('GET', `/v1/tunnels/${service.tunnelId}/poll?${query}`, {
    headers: {
      Authorization: `Bearer ${service.runtimeKey.reveal()}`,
      ...(instanceId === null ? {} : {'X-Tunnel-Client-Instance-Id': instanceId}),
    },
  })

/** A poll on a bare socket that reads nothing until told. */
function rawPoll(service: TunnelService, instanceId: string | null): RawSocket {
  const socket = RawSocket.to(service.controlPlaneBaseUrl)
  socket.write(pollBytes(service, instanceId))
  return socket
}

/** Puts calls in the line, one after the other. */
async function queueCalls(service: TunnelService, sizes: readonly number[]) {
  const replies: ReturnType<typeof call>[] = []
  for (const [at, size] of sizes.entries()) {
    replies.push(call(service.mcpUrl, toolCall(at, 'x'.repeat(size))))
    await until(() => service.snapshot()!.queued === at + 1)
  }
  return replies
}

/** Polls from another thread and hangs up at once, while this thread, and with it the service, stands still. */
function hungUpPolls(service: TunnelService, polls: number): void {
  const {hostname, port} = new URL(service.controlPlaneBaseUrl)
  const request = httpBytes('GET', `/v1/tunnels/${service.tunnelId}/poll?`, {
    headers: {Authorization: `Bearer ${service.runtimeKey.reveal()}`, 'X-Tunnel-Client-Instance-Id': 'gone'},
  })
  const done = new Int32Array(new SharedArrayBuffer(4))
  const code = `
    const {connect} = require('node:net')
    const {workerData: {hostname, port, request, polls, done}} = require('node:worker_threads')
    for (let at = 0; at < polls; at++) {
      const socket = connect(port, hostname, () => socket.end(request, () => {
        Atomics.add(done, 0, 1)
        Atomics.notify(done, 0)
      }))
    }`
  new Worker(code, {eval: true, workerData: {hostname, port: Number(port), request, polls, done}}).unref()
  for (let seen = 0; seen < polls; seen = Atomics.load(done, 0)) Atomics.wait(done, 0, seen)
}

describe('a poll whose daemon has hung up', () => {
  it('gets nothing, although its request is read before its end', async () => {
    const service = await startService({responseTimeoutMs: 15_000})
    const replies = await queueCalls(service, [10, 10, 10])
    hungUpPolls(service, 3)
    const daemon = startDaemon(service, {instanceId: 'two'})
    for (let n = 0; n < 3; n++) await daemon.respond(await daemon.next())
    expect((await Promise.all(replies)).map(({status}) => status)).toEqual([200, 200, 200])
  })
})

describe('several polls that wait', () => {
  it('take turns by daemon, and of one daemon the newest comes first: an older one may be dead without a word', async () => {
    const service = await startService()
    const one = startDaemon(service, {instanceId: 'one'})
    const two = startDaemon(service, {instanceId: 'two'})
    const polls: Promise<unknown>[] = []
    for (const daemon of [one, one, two]) {
      polls.push(daemon.poll('limit=1&timeout_ms=5000').then(({commands}) => commands[0]?.jsonrpc?.id))
      await until(() => service.snapshot()!.parkedPolls === polls.length)
    }
    for (const id of [0, 1, 2]) {
      void call(service.mcpUrl, toolCall(id))
      await until(() => service.snapshot()!.inFlight === id + 1)
    }
    expect(await Promise.all(polls)).toEqual([1, 0, 2])
  })
})

describe('a poll whose connection breaks before its answer was written', () => {
  it.each([['one'], [null]])('gives a half-written command to the next poll (instance id %s)', async (instanceId) => {
    const service = await startService()
    const replies = await queueCalls(service, [24 * MiB])
    const broken = rawPoll(service, instanceId)
    await broken.until('"params":"xxx')
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 1})
    broken.destroy()
    await until(() => service.snapshot()!.queued === 1)

    const daemon = startDaemon(service, {instanceId: 'two'})
    await daemon.respond(await daemon.next())
    expect((await replies[0]!).status).toBe(200)
  })

  it('puts commands back at their old places, before those that came later', async () => {
    const service = await startService()
    const replies = await queueCalls(service, [7 * MiB, 7 * MiB])
    const broken = rawPoll(service, null)
    broken.socket.pause()
    await until(() => service.snapshot()!.inFlight === 2)
    const later = call(service.mcpUrl, toolCall('later'))
    await until(() => service.snapshot()!.queued === 1)
    broken.destroy()
    await until(() => service.snapshot()!.queued === 3)
    const daemon = startDaemon(service)
    const ids = []
    for (let n = 0; n < 3; n++) {
      const command = await daemon.next()
      ids.push(command.jsonrpc?.id)
      await daemon.respond(command)
    }
    expect(ids).toEqual([0, 1, 'later'])
    expect((await Promise.all([...replies, later])).map(({status}) => status)).toEqual([200, 200, 200])
  })

  it('gives what the daemon may have read completely to that daemon alone: nothing runs twice', async () => {
    const service = await startService({clientGoneMs: 100})
    const replies = await queueCalls(service, [100, 15 * MiB])
    const broken = rawPoll(service, 'one')
    await broken.until('"params":"xxx')
    const stranger = startDaemon(service, {instanceId: 'two'})
    broken.destroy()
    await until(() => service.snapshot()!.queued > 0)
    const others = await stranger.poll()
    expect(others.commands.map((command) => command.jsonrpc?.id)).toEqual([1])
    await stranger.respond(others.commands[0]!)
    expect((await replies[1]!).status).toBe(200)
    // The daemon that may have run it does not come back: its caller hears of it at once.
    const {status, text} = await replies[0]!
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'tunnel_client_not_connected'])
  })

  it('remembers that daemon, although its only connection had served it before', async () => {
    const service = await startService()
    const broken = RawSocket.to(service.controlPlaneBaseUrl)
    broken.write(pollBytes(service, 'one', 'timeout_ms=1'))
    await broken.until('204 No Content')
    const replies = await queueCalls(service, [100, 15 * MiB])
    broken.write(pollBytes(service, 'one'))
    await broken.until('"params":"xxx')
    broken.destroy()
    await until(() => service.snapshot()!.queued === 2)
    const others = await startDaemon(service, {instanceId: 'two'}).poll()
    expect(others.commands.map((command) => command.jsonrpc?.id)).toEqual([1])
    const daemon = startDaemon(service, {instanceId: 'one'})
    expect(await daemon.respond(await daemon.next())).toBe(200)
    expect((await replies[0]!).status).toBe(200)
  })

  it('gives it to that daemon when it polls again, and takes its answer even before', async () => {
    const service = await startService()
    const replies = await queueCalls(service, [100, 200, 15 * MiB])
    const broken = rawPoll(service, 'one')
    const seen = await broken.until('"params":"xxx')
    const tokens = [...seen.matchAll(/"request_id":"([^"]+)","shard_token":"([^"]+)"/g)]
    broken.destroy()
    await until(() => service.snapshot()!.queued === 3)
    const daemon = startDaemon(service, {instanceId: 'one'})
    const [, request_id, shard_token] = tokens[0]!
    const early = await daemon.post(
      JSON.stringify({request_id, resp_code: 200, resp_json: {jsonrpc: '2.0', id: 0, result: 'early'}}),
      {'x-tunnel-shard-token': shard_token!},
    )
    expect(early.status).toBe(200)
    expect(JSON.parse((await replies[0]!).text).result).toBe('early')
    const {commands} = await daemon.poll()
    expect(commands.map((command) => command.jsonrpc?.id)).toEqual([1, 2])
    for (const command of commands) await daemon.respond(command)
    expect((await Promise.all(replies)).map(({status}) => status)).toEqual([200, 200, 200])
  })

  it('drops a command whose caller hung up meanwhile', async () => {
    const service = await startService()
    const hangUp = new AbortController()
    const reply = call(service.mcpUrl, toolCall(1, 'x'.repeat(20 * MiB)), {signal: hangUp.signal}).catch(() => 'gone')
    await until(() => service.snapshot()!.queued === 1)
    const broken = rawPoll(service, null)
    broken.socket.pause()
    await until(() => service.snapshot()!.inFlight === 1)
    hangUp.abort()
    expect(await reply).toBe('gone')
    await until(() => service.snapshot()!.inFlight === 0)
    broken.destroy()
    expect((await startDaemon(service).poll('timeout_ms=50')).status).toBe(204)
  })
})

describe('a daemon that is gone', () => {
  it('leaves callers an answer at once, and nobody gets their calls again', async () => {
    const service = await startService({clientGoneMs: 150})
    const daemon = startDaemon(service, {instanceId: 'one'})
    const reply = call(service.mcpUrl, toolCall(1))
    const command = await daemon.next()
    await daemon.die()
    const {status, text} = await reply
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'tunnel_client_not_connected'])
    const next = startDaemon(service, {instanceId: 'two'})
    expect((await next.poll('timeout_ms=50')).status).toBe(204)
    expect(await next.respond(command)).toBe(404)
  })

  it('is not one that still polls, or has a connection, or came back in time', async () => {
    const service = await startService({clientGoneMs: 2000})
    const daemon = startDaemon(service, {instanceId: 'one'})
    const reply = call(service.mcpUrl, toolCall(1))
    const command = await daemon.next()
    await daemon.die()
    await until(() => service.snapshot()!.clients.length === 0)
    const again = startDaemon(service, {instanceId: 'one'})
    await again.poll('timeout_ms=20')
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(service.snapshot()).toMatchObject({inFlight: 1, clients: ['one']})
    expect(await again.respond(command)).toBe(200)
    expect((await reply).status).toBe(200)
  })

  it('is not one with full hands that posts an answer and closes that connection: it is about to poll', async () => {
    const service = await startService({clientGoneMs: 3000, clientLastSeenMs: 100})
    const daemon = startDaemon(service, {instanceId: 'one'})
    const replies = [1, 2].map((id) => call(service.mcpUrl, toolCall(id)))
    const commands = [await daemon.next(), await daemon.next()]
    const third = call(service.mcpUrl, toolCall(3))
    // It has no room, and does not poll.
    await new Promise((resolve) => setTimeout(resolve, 3100))
    expect(await daemon.respond(commands[0]!)).toBe(200)
    await daemon.die()
    await until(() => service.snapshot()!.clients.length === 0)
    // Its connections are closed, and whoever waits is looked at.
    await new Promise((resolve) => setTimeout(resolve, 300))
    const again = startDaemon(service, {instanceId: 'one'})
    const next = await again.next()
    for (const command of [commands[1]!, next]) expect(await again.respond(command)).toBe(200)
    const ends = await Promise.all([...replies, third])
    expect(ends.map(({status}) => status)).toEqual([200, 200, 200])
  })

  it('is not one that gave no instance id: its callers wait', async () => {
    const service = await startService({clientGoneMs: 20})
    const daemon = startDaemon(service, {instanceId: null})
    const reply = call(service.mcpUrl, toolCall(1))
    const command = await daemon.next()
    await daemon.die()
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(await startDaemon(service).respond(command)).toBe(200)
    expect((await reply).status).toBe(200)
  })

  it('ends a stream that it had begun with an error event', async () => {
    const service = await startService({clientGoneMs: 50})
    const daemon = startDaemon(service, {instanceId: 'one'})
    const reply = call(service.mcpUrl, toolCall(1))
    await daemon.notify(await daemon.next(), {progress: 1})
    await daemon.die()
    const {status, text} = await reply
    expect(status).toBe(200)
    expect(text).toContain('"code":"tunnel_client_not_connected"')
  })

  it('while it was idle loses nothing: the next one gets the calls', async () => {
    const service = await startService()
    const idle = rawPoll(service, 'one')
    await idle.until('102')
    idle.destroy()
    const replies = await Promise.all(
      [1, 2, 3]
        .map(async (id) => call(service.mcpUrl, toolCall(id)))
        .concat(
          (async () => {
            const next = startDaemon(service, {instanceId: 'two'})
            for (let n = 0; n < 3; n++) await next.respond(await next.next())
            return {status: 200, headers: {}, text: ''}
          })(),
        ),
    )
    expect(replies.map(({status}) => status)).toEqual([200, 200, 200, 200])
  })
})

describe('a caller that hangs up', () => {
  it('takes its call out of the line', async () => {
    const service = await startService()
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(httpBytes('POST', service.mcpUrlPath, {body: toolCall(1)}))
    await until(() => service.snapshot()!.queued === 1)
    socket.destroy()
    await until(() => service.snapshot()!.queued === 0)
    expect((await startDaemon(service).poll('timeout_ms=20')).status).toBe(204)
  })

  it('in the middle of its body queues nothing', async () => {
    const service = await startService()
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(`POST ${service.mcpUrlPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"jsonrpc"`)
    socket.socket.end()
    await socket.end()
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 0})
  })
})

it('answers every call once when two daemons work side by side', async () => {
  const service = await startService()
  const runs = new Map<unknown, number>()
  const posts: Promise<number>[] = []
  let working = true
  const work = async (instanceId: string) => {
    const daemon = startDaemon(service, {instanceId})
    while (working) {
      const {commands} = await daemon.poll('limit=5&timeout_ms=100')
      for (const command of commands) {
        runs.set(command.jsonrpc?.id, (runs.get(command.jsonrpc?.id) ?? 0) + 1)
        posts.push(daemon.respond(command))
      }
    }
  }
  const workers = [work('one'), work('two')]
  const replies = await Promise.all([...Array(200).keys()].map((id) => call(service.mcpUrl, toolCall(id))))
  working = false
  await Promise.all(workers)
  expect(new Set(await Promise.all(posts))).toEqual(new Set([200]))
  expect(replies.every(({status}, id) => status === 200 && JSON.parse(replies[id]!.text).id === id)).toBe(true)
  expect([...runs.values()].every((count) => count === 1)).toBe(true)
  expect(runs.size).toBe(200)
})
