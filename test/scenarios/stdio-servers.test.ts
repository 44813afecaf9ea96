// Real stdio servers whose first request fixes the protocol era of the process: the daemon is ready without sending one, and
// clients of either era open the server, alone and one after another.

import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {needs} from '../support/parts.ts'
import {FASTMCP, PYTHON_SDK, PYTHON_SDK_1, type PythonPart, stdioServerOf} from '../support/python-parts.ts'
import {pythonClient} from './python-client.ts'
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
async function open(part: PythonPart): Promise<{service: ServiceProcess; readyMs: number}> {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, stdioServerOf(part))
  const from = performance.now()
  await daemon.ready()
  return {service, readyMs: performance.now() - from}
}

type Connect = (url: string) => Promise<void>

const viaSdk =
  (connect: (url: string) => Promise<SdkClient>): Connect =>
  async (url) => {
    const client = await connect(url)
    expect(await client.tools()).toEqual(['echo', 'nap'])
    expect(await client.call('echo', {message: 'grüß dich'})).toBe('grüß dich')
    await client.close()
    expect(client.errors).toEqual([])
  }

const viaPython =
  (mode: string, version: string): Connect =>
  async (url) => {
    const report = await pythonClient({
      url,
      mode,
      progress: ['nap', {ms: 1}],
      calls: [['echo', {message: 'grüß dich'}]],
    })
    expect(report).toMatchObject({answers: ['grüß dich'], last: 'slept 1', many: 8, version, background: []})
  }

const HANDSHAKE: readonly (readonly [string, Connect])[] = [
  ['TypeScript SDK 1', viaSdk(clientV1)],
  ['TypeScript SDK 2, initialize', viaSdk((url) => clientV2(url))],
  ['TypeScript SDK 2, auto', viaSdk((url) => clientV2(url, 'auto'))],
  ['Python, legacy', viaPython('legacy', '2025-11-25')],
]

describe.each([
  ['Python SDK 1', PYTHON_SDK_1],
  ['Python SDK 2', PYTHON_SDK],
  ['FastMCP 4', FASTMCP],
] as const)('a stdio server of %s', (_name, part) => {
  beforeEach(needs(PYTHON_SDK, part))

  test('is ready before any client, and each client of the handshake era opens it as the first', {
    timeout: CLIENTS_MS,
  }, async () => {
    for (const [name, connect] of HANDSHAKE) {
      const {service, readyMs} = await open(part)
      expect(readyMs, `ready before ${name}`).toBeLessThan(READY_MS)
      await connect(service.mcpUrl)
      await tunnel.stop()
      tunnel = new Tunnel()
    }
  })

  test('serves one client of the handshake era after another', {timeout: CLIENTS_MS}, async () => {
    const {service} = await open(part)
    for (const [, connect] of [...HANDSHAKE, ...HANDSHAKE]) await connect(service.mcpUrl)
  })
})

describe.each([
  ['Python SDK 2', PYTHON_SDK],
  ['FastMCP 4', FASTMCP],
] as const)('a stdio server of %s, stateless era', (_name, part) => {
  beforeEach(needs(PYTHON_SDK, part))

  test('serves one client of 2026-07-28 after another', {timeout: CLIENTS_MS}, async () => {
    const {service} = await open(part)
    for (let round = 0; round < 2; round++) {
      await viaSdk((url) => clientV2(url, '2026-07-28'))(service.mcpUrl)
      await viaSdk((url) => clientV2(url, 'auto'))(service.mcpUrl)
      await viaPython('auto', '2026-07-28')(service.mcpUrl)
    }
  })
})
