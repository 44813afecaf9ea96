import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, describe, expect, it} from 'vitest'
import {spawnChild} from '../../../../src/foundation/platform/index.ts'
import type {Channel} from '../../../../src/tunnel/channels/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, httpBinding, type Opened, openChannels, stdioBinding} from '../../../support/open-channel.ts'

const require = createRequire(import.meta.url)
const EVERYTHING = join(
  dirname(require.resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist/index.js',
)
const LOOPBACK = fileURLToPath(new URL('../../../scenarios/servers/loopback-preload.mjs', import.meta.url))

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function overStdio(): Promise<Opened> {
  const opened = openChannels({bindings: [stdioBinding([process.execPath, EVERYTHING, 'stdio'])]})
  closers.push(opened.close)
  await opened.channel.start()
  return opened
}

async function overHttp(): Promise<Opened> {
  const child = await spawnChild({
    argv: [process.execPath, '--import', LOOPBACK, EVERYTHING, 'streamableHttp'],
    env: {...process.env, PORT: '0'},
  })
  closers.push(() => child.stop({afterEof: 0, afterTerm: 2000}))
  const port = await new Promise<number>((resolve) => {
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /"port":(\d+)/.exec(said)
      if (found) resolve(Number(found[1]))
    })
  })
  child.stdout.resume()
  const opened = openChannels({bindings: [httpBinding(new URL(`http://127.0.0.1:${port}/mcp`))]})
  closers.push(opened.close)
  return opened
}

async function session(channel: Channel): Promise<readonly string[]> {
  const params = {protocolVersion: '2025-06-18', capabilities: {sampling: {}}, clientInfo: {name: 't', version: '1'}}
  const {head, response} = await call(channel, JSON.stringify({jsonrpc: '2.0', id: 'i', method: 'initialize', params}))
  expect(JSON.parse(response!).result.serverInfo.name).toContain('everything')
  const at = head!.headers.findIndex((name) => name.toLowerCase() === 'mcp-session-id')
  const headers = at < 0 ? [] : ['Mcp-Session-Id', head!.headers[at + 1]!, 'Mcp-Protocol-Version', '2025-06-18']
  const {accepted} = await call(channel, '{"jsonrpc":"2.0","method":"notifications/initialized"}', headers)
  expect(accepted).toBeDefined()
  return headers
}

describe.each([
  ['stdio', overStdio],
  ['HTTP', overHttp],
])('server-everything over %s', (_name, open) => {
  it('lists its tools, echoes, and reports the progress of each of several callers in order', async () => {
    const {channel} = await open()
    // A probe waits two seconds, and a busy machine may need longer to start the server.
    await eventually('the server', async () => (await channel.probe()).state === 'ok', {timeoutMs: 45_000})
    const headers = await session(channel)
    const tool = (name: string, args: object, token: string): string =>
      JSON.stringify({
        jsonrpc: '2.0',
        id: token,
        method: 'tools/call',
        params: {name, arguments: args, _meta: {progressToken: token}},
      })
    expect(channel.status().evidence).toMatchObject({server: {name: expect.stringContaining('everything')}})
    const tools = await call(channel, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', headers)
    expect(JSON.parse(tools.response!).result.tools.length).toBeGreaterThan(5)
    const echo = await call(channel, tool('echo', {message: 'hé\u2028'}, 't'), headers)
    expect(JSON.parse(echo.response!).result.content[0].text).toBe('Echo: hé\u2028')
    const long = (n: number) =>
      call(channel, tool('trigger-long-running-operation', {duration: 1, steps: 2 + n}, `t${n}`), headers)
    for (const [n, {response, notifications}] of (await Promise.all([0, 1, 2].map(long))).entries()) {
      expect(JSON.parse(response!).result.content[0].text).toContain(`Steps: ${2 + n}`)
      const progress = notifications
        .map((note) => JSON.parse(note))
        .filter(({method}) => method === 'notifications/progress')
      expect(progress.map(({params}) => [params.progressToken, params.progress])).toEqual(
        Array.from({length: 2 + n}, (_, i) => [`t${n}`, i + 1]),
      )
    }
  }, 60_000)
})
