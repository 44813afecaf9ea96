import {performance} from 'node:perf_hooks'
import {describe, expect, it} from 'vitest'
import {call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

describe('a poll', () => {
  it('is told 102 once its key is accepted and it waits, and 204 when nothing came', async () => {
    const service = await startService()
    const reply = await startDaemon(service).poll('limit=20&timeout_ms=50')
    expect(reply).toMatchObject({status: 204, interims: [102], text: ''})
    expect(reply.requestId).toMatch(/^req_/)
  })

  it('is not told 102 when its key is refused', async () => {
    const service = await startService()
    const reply = await startDaemon(service, {key: 'wrong'}).poll()
    expect(reply).toMatchObject({status: 401, interims: []})
  })

  it('sends no interim answer to HTTP/1.0, which knows none', async () => {
    const service = await startService()
    const socket = RawSocket.to(service.controlPlaneBaseUrl)
    const path = `/v1/tunnels/${service.tunnelId}/poll?timeout_ms=20`
    socket.write(`GET ${path} HTTP/1.0\r\nAuthorization: Bearer ${service.runtimeKey.reveal()}\r\n\r\n`)
    expect((await socket.end()).toString()).toMatch(/^HTTP\/1\.1 204 /)
  })

  it('gets what waits at once, in the order of arrival, as many as it asks for', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const calls = []
    for (let id = 1; id <= 5; id++) {
      calls.push(call(service.mcpUrl, toolCall(id)))
      await until(() => service.snapshot()!.queued === id)
    }
    const first = await daemon.poll('limit=3')
    expect(first.interims).toEqual([])
    expect(first.commands.map((command) => command.jsonrpc?.id)).toEqual([1, 2, 3])
    const second = await daemon.poll()
    expect(second.commands.map((command) => command.jsonrpc?.id)).toEqual([4, 5])
    for (const command of [...first.commands, ...second.commands]) expect(await daemon.respond(command)).toBe(200)
    for (const reply of await Promise.all(calls)) expect(reply.status).toBe(200)
  })

  it('describes a command as the contract does', async () => {
    const service = await startService({responseTimeoutMs: 20_000})
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall('x'), {headers: {'mcp-session-id': 's 1'}})
    const command = await daemon.next()
    expect(command).toMatchObject({
      command_type: 'jsonrpc',
      channel: 'main',
      headers: {'mcp-session-id': ['s 1']},
      jsonrpc: {jsonrpc: '2.0', id: 'x', method: 'tools/call', params: {}},
    })
    expect(new Date(command.created_at).toISOString()).toBe(command.created_at)
    const left = /^(\d+)ms$/.exec(command.response_timeout!)
    expect(Number(left![1])).toBeGreaterThan(1000)
    expect(Number(left![1])).toBeLessThanOrEqual(20_000)
    expect(command.shard_token).not.toBe(command.request_id)
    await daemon.respond(command)
    await reply
  })

  it('takes the time in the line off response_timeout, and leaves it out when there is no limit', async () => {
    const limited = await startService({responseTimeoutMs: 20_000})
    const waiting = call(limited.mcpUrl, toolCall(1)).catch(() => null)
    await until(() => limited.snapshot()!.queued === 1)
    await new Promise((resolve) => setTimeout(resolve, 120))
    const command = await startDaemon(limited).next()
    expect(Number.parseInt(command.response_timeout!, 10)).toBeLessThanOrEqual(19_900)
    await limited.close()
    await waiting

    const unlimited = await startService({responseTimeoutMs: 0})
    const endless = call(unlimited.mcpUrl, toolCall(1)).catch(() => null)
    expect(await startDaemon(unlimited).next()).not.toHaveProperty('response_timeout')
    await unlimited.close()
    await endless
  })

  it('gets only commands of the channels it names', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const other = call(`${service.mcpUrl}/Tools`, toolCall(1))
    const main = call(service.mcpUrl, toolCall(2))
    await until(() => service.snapshot()!.queued === 2)
    const onMain = await daemon.poll('channel=main&channel=files')
    expect(onMain.commands.map((command) => command.channel)).toEqual(['main'])
    const onTools = await daemon.poll('channel=tools')
    expect(onTools.commands.map((command) => command.jsonrpc?.id)).toEqual([1])
    await daemon.respond(onMain.commands[0]!)
    await daemon.respond(onTools.commands[0]!)
    expect((await Promise.all([main, other])).map((reply) => reply.status)).toEqual([200, 200])
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=26', 'limit'],
    ['limit=two', 'limit'],
    ['timeout_ms=-1', 'timeout_ms'],
    ['timeout_ms=1.5', 'timeout_ms'],
    ['channel=a%20b', 'channel'],
  ])('with %s is refused', async (query, param) => {
    const service = await startService()
    const {status, text} = await startDaemon(service).poll(query)
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toMatchObject({param, type: 'invalid_request_error'})
  })

  it('carries up to 16 MiB, or one larger command', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const sizes = [7, 7, 7, 20, 1]
    const calls = []
    for (const [at, size] of sizes.entries()) {
      calls.push(call(service.mcpUrl, toolCall(at, 'x'.repeat(size * 1024 * 1024))))
      await until(() => service.snapshot()!.queued === at + 1)
    }
    const answers: number[][] = []
    while (answers.flat().length < sizes.length) {
      const {commands} = await daemon.poll()
      answers.push(commands.map((command) => command.jsonrpc?.id as number))
      for (const command of commands) await daemon.respond(command)
    }
    expect(answers).toEqual([[0, 1], [2], [3], [4]])
    await Promise.all(calls)
  })

  it('wakes one of several waiting polls, the oldest, and leaves the others alone', async () => {
    const service = await startService()
    const daemons = [startDaemon(service, {instanceId: 'one'}), startDaemon(service, {instanceId: 'two'})]
    const first = daemons[0]!.poll()
    await until(() => service.snapshot()!.parkedPolls === 1)
    const second = daemons[1]!.poll()
    await until(() => service.snapshot()!.parkedPolls === 2)
    // Two idle polls that wake each other never let the loop sleep; a busy machine does now and then.
    const busy: number[] = []
    for (let n = 0; n < 6; n++) {
      const before = performance.eventLoopUtilization()
      await new Promise((resolve) => setTimeout(resolve, 50))
      busy.push(performance.eventLoopUtilization(before).utilization)
    }
    expect(Math.min(...busy)).toBeLessThan(0.5)
    const reply = call(service.mcpUrl, toolCall(1))
    const {commands} = await first
    expect(commands).toHaveLength(1)
    expect(service.snapshot()).toMatchObject({parkedPolls: 1, inFlight: 1, clients: ['one', 'two']})
    await daemons[0]!.respond(commands[0]!)
    expect((await reply).status).toBe(200)
    const last = call(service.mcpUrl, toolCall(2))
    const [command] = (await second).commands
    await daemons[1]!.respond(command!)
    expect((await last).status).toBe(200)
  })

  it('that is given up before work came takes none', async () => {
    const service = await startService()
    const gone = RawSocket.to(service.controlPlaneBaseUrl)
    gone.write(
      httpBytes('GET', `/v1/tunnels/${service.tunnelId}/poll`, {
        headers: {Authorization: `Bearer ${service.runtimeKey.reveal()}`},
      }),
    )
    await gone.until('102 Processing')
    gone.destroy()
    await until(() => service.snapshot()!.parkedPolls === 0)
    const reply = call(service.mcpUrl, toolCall(1))
    const daemon = startDaemon(service)
    await daemon.respond(await daemon.next())
    expect((await reply).status).toBe(200)
  })
})
