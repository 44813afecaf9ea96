import {inspect} from 'node:util'
import {afterEach, beforeAll, describe, expect, it, onTestFinished, vi} from 'vitest'
import {createTunnelService} from '../../../src/index.ts'
import {eventually} from '../../support/eventually.ts'
import {quietPort} from '../../support/servers/loopback.ts'
import {CANARY, callTool, client, makeServer, service, TUNNEL_ID, UNREACHABLE} from './rig.ts'

const unhandled: unknown[] = []
beforeAll(() => {
  process.on('unhandledRejection', (reason) => unhandled.push(reason))
})
afterEach(async () => {
  await new Promise(setImmediate)
  expect(unhandled.splice(0), 'unhandled rejections').toEqual([])
})

describe('a client in a program', () => {
  it('starts, becomes ready, serves, tells what it does, and ends', async () => {
    const {mcpUrl, ...tunnel} = await service().then((one) => ({mcpUrl: one.mcpUrl, ...one.clientOptions()}))
    const one = client({...tunnel, mcp: {server: makeServer}})
    const told: string[] = []
    const ready = vi.fn()
    one.on('state', ({phase, ready: now}) => told.push(`${phase}${now ? ' ready' : ''}`))
    one.on('ready', ready)
    expect(one.state()).toMatchObject({phase: 'idle', ready: false, message: 'not started'})
    await one.start()
    await one.waitUntilReady()
    expect(one.state()).toMatchObject({phase: 'running', ready: true, message: 'ready', failure: null})
    expect(await callTool(mcpUrl, 1)).toContain('waited 1')
    await one.close()
    expect(told[0]).toBe('starting')
    expect(told.slice(-3)).toEqual(['running ready', 'closing', 'closed'])
    expect(ready).toHaveBeenCalledTimes(1)
    expect(one.state()).toMatchObject({phase: 'closed', ready: false})
  })

  it('may be started and closed any number of times, in any order', async () => {
    const tunnel = (await service()).clientOptions()
    const one = client({...tunnel, mcp: {server: makeServer}})
    await Promise.all([one.start(), one.start()])
    await one.start()
    await one.waitUntilReady()
    await Promise.all([one.close(), one.close()])
    await one.close()
    await expect(one.start()).rejects.toMatchObject({code: 'TC-SDK-CLOSED'})
    await expect(one.waitUntilReady()).rejects.toMatchObject({code: 'TC-SDK-CLOSED'})

    const other = client({...tunnel, mcp: {server: makeServer}})
    await expect(other.waitUntilReady()).rejects.toMatchObject({code: 'TC-SDK-NOT-STARTED'})
    await other.close()
    await expect(other.start()).rejects.toMatchObject({code: 'TC-SDK-CLOSED'})
  })

  it('can be closed while it starts, and whoever waits hears of it', async () => {
    const tunnel = (await service()).clientOptions()
    for (const turns of [0, 1, 5, 20]) {
      const one = client({...tunnel, mcp: {server: makeServer}})
      const started = one.start()
      const waiting = one.waitUntilReady()
      const outcomes = Promise.allSettled([started, waiting])
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      await one.close()
      const [first, second] = await outcomes
      if (first.status === 'rejected') expect(first.reason).toMatchObject({code: 'TC-SDK-CLOSED'})
      if (second.status === 'rejected') expect(second.reason).toMatchObject({code: 'TC-SDK-CLOSED'})
      expect(one.state().phase).toBe('closed')
    }
  })

  it('lets calls finish when it closes, as long as it is told, and no longer', async () => {
    const {mcpUrl, ...options} = await service().then((one) => ({mcpUrl: one.mcpUrl, ...one.clientOptions()}))
    let running = 0
    const open = async () => {
      const one = client({...options, mcp: {server: () => makeServer(() => running++)}})
      await one.start()
      await one.waitUntilReady()
      return one
    }
    const patient = await open()
    const call = callTool(mcpUrl, 300)
    await eventually('the call', () => running === 1)
    await patient.close()
    expect(await call).toContain('waited 300')

    const hasty = await open()
    const refused = callTool(mcpUrl, 60_000)
    await eventually('the call', () => running === 2)
    await hasty.close({drainTimeout: 0})
    expect(await refused).toContain('TC-INTERNAL-DRAINING')

    const torn = await open()
    void callTool(mcpUrl, 60_000).catch(() => {})
    await eventually('the call', () => running === 3)
    const closing = torn.close({drainTimeout: 60_000})
    await torn.close({drainTimeout: 0})
    await closing
    expect(torn.state().phase).toBe('closed')
  })

  it('closes when its signal is aborted, also before it was started', async () => {
    const tunnel = (await service()).clientOptions()
    const controller = new AbortController()
    const one = client({...tunnel, mcp: {server: makeServer}, signal: controller.signal})
    await one.start()
    await one.waitUntilReady()
    controller.abort()
    await eventually('the end', () => one.state().phase === 'closed')
    const late = client({...tunnel, mcp: {server: makeServer}, signal: controller.signal})
    expect(late.state().phase).toBe('closed')
    await expect(late.start()).rejects.toMatchObject({code: 'TC-SDK-CLOSED'})
  })

  it('serves several tunnels from one program, and one tunnel from several clients', async () => {
    const [first, second] = [await service(), await service()]
    const clients = [first, first, second].map((one) => client({...one.clientOptions(), mcp: {server: makeServer}}))
    await Promise.all(clients.map((one) => one.start()))
    await Promise.all(clients.map((one) => one.waitUntilReady()))
    const answers = await Promise.all([first, second, first].map(({mcpUrl}) => callTool(mcpUrl, 5)))
    for (const answer of answers) expect(answer).toContain('waited 5')
    await clients[0]?.close()
    expect(await callTool(first.mcpUrl, 6)).toContain('waited 6')
  })

  it('does not share one server object between two clients, and says so', async () => {
    const tunnel = (await service()).clientOptions()
    const server = makeServer()
    const [one, two] = [client({...tunnel, mcp: {server}}), client({...tunnel, mcp: {server}})]
    await one.start()
    await expect(two.start()).rejects.toMatchObject({
      code: 'TC-CHANNEL-SERVER',
      message: expect.stringContaining('lready connected'),
      next: [expect.stringContaining('not connected yet')],
    })
    await one.waitUntilReady()
    await one.close()
    await two.start()
    await two.waitUntilReady()
  })
})

describe('what can go wrong', () => {
  it('goes on trying a service that is not there, and says why it is not ready', async () => {
    const one = client({tunnelId: TUNNEL_ID, apiKey: CANARY, baseUrl: UNREACHABLE, mcp: {server: makeServer}})
    await one.start()
    await eventually('the refused connection', () => one.state().failure !== null)
    await expect(one.waitUntilReady({timeout: 100})).rejects.toMatchObject({
      code: 'TC-SDK-NOT-READY',
      message: expect.stringContaining('TC-CONNECT-REFUSED'),
    })
    expect(one.state()).toMatchObject({phase: 'running', failure: {rung: 'connect', who: ['you', 'it']}})
    await expect(one.waitUntilReady({signal: AbortSignal.abort(new Error('enough'))})).rejects.toThrow('enough')
    // Longer than a timer can wait is not at once.
    for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 31]) {
      const waiting = one.waitUntilReady({timeout, signal: AbortSignal.timeout(50)})
      await expect(waiting).rejects.toMatchObject({name: 'TimeoutError'})
    }
  })

  it('tells at once that the service refuses the key, and shows it to nobody', async () => {
    const {tunnelId, baseUrl} = await service()
    const logged: unknown[] = []
    const keep = (...what: unknown[]) => void logged.push(what)
    const one = client({
      tunnelId,
      baseUrl,
      apiKey: () => CANARY,
      mcp: {server: makeServer},
      logger: {debug: keep, info: keep, warn: keep, error: keep},
      logLevel: 'debug',
    })
    await one.start()
    const error: unknown = await one.waitUntilReady().catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'TC-SDK-NOT-READY', message: expect.stringContaining('TC-AUTH-KEY-INVALID')})
    expect(one.state().failure).toMatchObject({code: 'TC-AUTH-KEY-INVALID', rung: 'auth', who: ['you']})
    expect(logged.length).toBeGreaterThan(0)
    expect(inspect([one, one.state(), error, logged], {depth: 12, showHidden: true})).not.toContain(CANARY)
  })

  it('becomes ready again after the service has come back', async () => {
    const port = await quietPort()
    const first = await createTunnelService({control: {port}})
    const {tunnelId, apiKey} = first
    const one = client({...first.clientOptions(), mcp: {server: makeServer}})
    const ready = vi.fn()
    one.on('ready', ready)
    await one.start()
    await one.waitUntilReady()
    await first.close()
    await eventually('the loss', () => !one.state().ready)
    const second = await createTunnelService({tunnelId, apiKey, control: {port}})
    onTestFinished(() => second.close())
    await one.waitUntilReady()
    expect(ready).toHaveBeenCalledTimes(2)
    expect(await callTool(second.mcpUrl, 2)).toContain('waited 2')
  })

  it('may be started again after a start that failed', async () => {
    const {tunnelId, apiKey, baseUrl} = await service()
    let broken = true
    const one = client({
      tunnelId,
      baseUrl,
      apiKey: () => {
        if (broken) throw new Error(`vault is sealed: ${CANARY}`)
        return apiKey
      },
      mcp: {server: makeServer},
    })
    await expect(one.start()).rejects.toMatchObject({
      code: 'TC-SDK-OPTIONS',
      message: 'the function given as apiKey threw',
    })
    broken = false
    await one.start()
    await one.waitUntilReady()
  })

  it('says which server could not be made', async () => {
    const tunnel = (await service()).clientOptions()
    const one = client({...tunnel, mcp: {server: () => Promise.reject(new Error('no database'))}})
    await expect(one.start()).rejects.toMatchObject({code: 'TC-CHANNEL-SERVER', message: /no database$/})
    const two = client({...tunnel, mcp: {command: '/nonexistent/program'}})
    await expect(two.start()).rejects.toMatchObject({code: 'TC-CHANNEL-PROGRAM'})
  })

  it('tells that it has ended when its program crashes for ever', async () => {
    const tunnel = (await service()).clientOptions()
    const one = client({...tunnel, mcp: {command: process.execPath, args: ['-e', 'process.exit(3)']}})
    const failed = new Promise((resolve) => one.on('failed', resolve))
    await one.start()
    expect(await failed).toMatchObject({code: 'TC-DAEMON-GAVE-UP'})
    expect(one.state()).toMatchObject({phase: 'failed', error: {code: 'TC-DAEMON-GAVE-UP'}})
    await expect(one.waitUntilReady()).rejects.toMatchObject({code: 'TC-DAEMON-GAVE-UP'})
    await one.close()
  }, 120_000)

  it('does not suffer from listeners and loggers that throw', async () => {
    const tunnel = (await service()).clientOptions()
    const one = client({
      ...tunnel,
      mcp: {server: makeServer},
      logger: {
        info: () => {
          throw new Error('log full')
        },
      },
    })
    const off = one.on('state', () => {
      throw new Error('listener')
    })
    await one.start()
    await one.waitUntilReady()
    off()
    await one.close()
  })

  it('keeps the key and secret headers out of the programs that it starts, whatever variable it came from', async () => {
    const {mcpUrl, ...options} = await service().then((one) => ({mcpUrl: one.mcpUrl, ...one.clientOptions()}))
    vi.stubEnv('SOME_VAULT_KEY', options.apiKey)
    vi.stubEnv('SOME_VAULT_TOKEN', CANARY)
    vi.stubEnv('HARMLESS', 'kept')
    onTestFinished(() => void vi.unstubAllEnvs())
    const program = `require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
      const {id} = JSON.parse(line)
      if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, result: {env: Object.entries(process.env).flat()}}))
    })`
    const headers = {'X-Team-Auth': () => `Bearer ${CANARY}`, 'X-Stage': 'kept'}
    const one = client({...options, headers, mcp: {command: process.execPath, args: ['-e', program]}})
    await one.start()
    await one.waitUntilReady()
    const answer = await callTool(mcpUrl, 1)
    expect(answer).toContain('HARMLESS')
    expect(answer).not.toContain(options.apiKey)
    expect(answer).not.toContain(CANARY)
    expect(answer).not.toContain('SOME_VAULT')
  })
})
