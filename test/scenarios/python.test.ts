// The official Python SDK calls real servers through the tunnel, in both eras of the protocol, as it would call them directly.

import {McpServer as McpServerV1} from '@modelcontextprotocol/sdk/server/mcp.js'
import {McpServer} from '@modelcontextprotocol/server'
import {serveStdio} from '@modelcontextprotocol/server/stdio'
import {afterEach, beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {createTunnelClient, createTunnelService, type McpTarget} from '../../src/index.ts'
import {needs} from '../support/parts.ts'
import {PYTHON_SDK, type PythonReport, pythonClient} from './python-client.ts'
import {type Binding, everythingStdio, sdkServerStdio, Tunnel} from './tunnel.ts'

beforeEach(needs(PYTHON_SDK))

const everything = (url: string, mode: string): Promise<PythonReport> =>
  pythonClient({
    url,
    mode,
    progress: ['trigger-long-running-operation', {duration: 0.5, steps: 5}],
    calls: [['echo', {message: 'grüß dich 😀'}]],
  })
const scenario = (url: string, mode: string): Promise<PythonReport> =>
  pythonClient({url, mode, progress: ['steps', {count: 50}], calls: [['wait', {ms: 1, tag: 3}]]})

const EVERYTHING = {
  answers: ['Echo: grüß dich 😀'],
  progress: [1, 2, 3, 4, 5],
  refused: 'True',
  many: 8,
  version: '2025-11-25',
  background: [],
}
const SCENARIO = {
  tools: ['wait', 'big', 'runs', 'cancelled', 'steps'],
  answers: ['waited 3'],
  progress: Array.from({length: 50}, (_, n) => n + 1),
  last: '50 steps',
  refused: 'error -32602',
  many: 8,
  background: [],
}

/** Each run of the client is a start of Python, and a test makes up to six. */
const PYTHON_MS = 240_000

describe('through the tunnel', () => {
  let tunnel: Tunnel
  beforeEach(() => {
    tunnel = new Tunnel()
  })
  afterEach(() => tunnel?.stop())

  const open = async (binding: Binding): Promise<string> => {
    const service = await tunnel.service()
    const daemon = await tunnel.daemon(service, binding)
    await daemon.ready()
    return service.mcpUrl
  }

  test(
    'server-everything over stdio',
    async () => {
      expect(await everything(await open(everythingStdio), 'auto')).toMatchObject(EVERYTHING)
    },
    PYTHON_MS,
  )

  test(
    'server-everything over HTTP, as directly',
    async () => {
      const binding = await tunnel.everythingHttp()
      const through = await everything(await open(binding), 'auto')
      expect(through).toMatchObject(EVERYTHING)
      expect(through).toEqual(await everything(binding.http, 'auto'))
    },
    PYTHON_MS,
  )

  test.each([
    ['auto', '2026-07-28'],
    ['legacy', '2025-11-25'],
  ])(
    'a server of both eras over stdio, with mode %s',
    async (mode, version) => {
      expect(await scenario(await open(sdkServerStdio), mode)).toEqual({...SCENARIO, version})
    },
    PYTHON_MS,
  )

  test(
    'a server of both eras over HTTP, with every mode, as directly',
    async () => {
      const binding = await tunnel.sdkServer()
      const url = await open(binding)
      for (const [mode, version] of [
        ['auto', '2026-07-28'],
        ['legacy', '2025-11-25'],
        ['2026-07-28', '2026-07-28'],
      ] as const) {
        const through = await scenario(url, mode)
        expect(through).toEqual({...SCENARIO, version})
        expect(through).toEqual(await scenario(binding.http, mode))
      }
    },
    PYTHON_MS,
  )
})

describe('at a server that brings its own tunnel', () => {
  const open = async (mcp: McpTarget): Promise<string> => {
    const service = await createTunnelService()
    onTestFinished(() => service.close())
    const client = createTunnelClient({...service.clientOptions(), mcp})
    onTestFinished(() => client.close())
    await client.start()
    await client.waitUntilReady()
    return service.mcpUrl
  }
  const hello = {content: [{type: 'text' as const, text: 'hello'}]}
  const call = (url: string, mode: string): Promise<PythonReport> =>
    pythonClient({url, mode, progress: ['hello', {}], calls: [['hello', {}]]})

  test(
    'of SDK 1',
    async () => {
      const server = (): McpServerV1 => {
        const made = new McpServerV1({name: 'inside', version: '1'})
        made.registerTool('hello', {}, () => hello)
        return made
      }
      const url = await open({server})
      expect(await call(url, 'auto')).toMatchObject({last: 'hello', version: '2025-11-25', many: 8, background: []})
    },
    PYTHON_MS,
  )

  test(
    'of SDK 2, in both eras',
    async () => {
      const server = (): McpServer => {
        const made = new McpServer({name: 'inside', version: '2'})
        made.registerTool('hello', {}, () => hello)
        return made
      }
      const url = await open({connect: (transport) => serveStdio(server, {transport})})
      for (const [mode, version] of [
        ['auto', '2026-07-28'],
        ['legacy', '2025-11-25'],
      ] as const) {
        expect(await call(url, mode)).toMatchObject({last: 'hello', version, many: 8, background: []})
      }
      const plain = await open({server})
      expect(await call(plain, 'auto')).toMatchObject({last: 'hello', version: '2025-11-25', background: []})
    },
    PYTHON_MS,
  )
})
