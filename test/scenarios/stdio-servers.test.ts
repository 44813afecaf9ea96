// Real stdio servers whose first request fixes the protocol era of the process: the daemon is ready without sending one, and
// clients of either era open the server, alone and one after another.

import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {needs} from '../support/parts.ts'
import {PYTHON_SDK, pythonClient} from './python-client.ts'
import {REAL_SERVERS, type RealServer} from './real-servers.ts'
import {clientV1, clientV2, type SdkClient} from './sdk-clients.ts'
import {type ServiceProcess, Tunnel} from './tunnel.ts'

const READY_MS = 2000
const CLIENTS_MS = 240_000

let tunnel: Tunnel
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(() => tunnel?.stop())

/** Resolves when `/readyz` is 200. No client has connected. */
async function open(server: RealServer): Promise<{service: ServiceProcess; readyMs: number}> {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, {stdio: server.stdio})
  const from = performance.now()
  await daemon.ready()
  return {service, readyMs: performance.now() - from}
}

type Connect = (url: string) => Promise<void>

const viaSdk =
  (connect: (url: string) => Promise<SdkClient>): Connect =>
  async (url) => {
    const client = await connect(url)
    expect(await client.tools()).toEqual(['echo'])
    expect(await client.call('echo', {message: 'grüß dich'})).toBe('Echo: grüß dich')
    await client.close()
    expect(client.errors).toEqual([])
  }

const viaPython =
  (mode: string, version: string): Connect =>
  async (url) => {
    const message = {message: 'grüß dich'}
    const report = await pythonClient({url, mode, progress: ['echo', message], calls: [['echo', message]]})
    const answer = 'Echo: grüß dich'
    expect(report).toMatchObject({answers: [answer], last: answer, many: 8, version, background: []})
  }

const HANDSHAKE: readonly (readonly [string, Connect])[] = [
  ['TypeScript SDK 1', viaSdk(clientV1)],
  ['TypeScript SDK 2, initialize', viaSdk((url) => clientV2(url))],
  ['TypeScript SDK 2, auto', viaSdk((url) => clientV2(url, 'auto'))],
  ['Python, legacy', viaPython('legacy', '2025-11-25')],
]

const servers = (...parts: readonly string[]): [string, RealServer][] =>
  REAL_SERVERS.filter(({name}) => parts.includes(name)).map((server) => [server.name, server])

describe.each(servers('the Python MCP SDK 1', 'the Python MCP SDK 2', 'FastMCP', 'the Java MCP SDK'))(
  'a stdio server on %s',
  (_name, server) => {
    beforeEach(needs(PYTHON_SDK, server.part))

    test('is ready before any client, and each client of the handshake era opens it as the first', {
      timeout: CLIENTS_MS,
    }, async () => {
      const times: number[] = []
      for (const [, connect] of HANDSHAKE) {
        const {service, readyMs} = await open(server)
        times.push(readyMs)
        await connect(service.mcpUrl)
        await tunnel.stop()
        tunnel = new Tunnel()
      }
      // A busy machine may make single starts longer.
      expect(Math.min(...times), `of ${times.map(Math.round)}`).toBeLessThan(READY_MS)
    })

    test('serves one client of the handshake era after another', {timeout: CLIENTS_MS}, async () => {
      const {service} = await open(server)
      for (const [, connect] of [...HANDSHAKE, ...HANDSHAKE]) await connect(service.mcpUrl)
    })
  },
)

describe.each(servers('the Python MCP SDK 2', 'FastMCP'))('a stdio server on %s, stateless era', (_name, server) => {
  beforeEach(needs(PYTHON_SDK, server.part))

  test('serves one client of 2026-07-28 after another', {timeout: CLIENTS_MS}, async () => {
    const {service} = await open(server)
    for (let round = 0; round < 2; round++) {
      await viaSdk((url) => clientV2(url, '2026-07-28'))(service.mcpUrl)
      await viaSdk((url) => clientV2(url, 'auto'))(service.mcpUrl)
      await viaPython('auto', '2026-07-28')(service.mcpUrl)
    }
  })
})
