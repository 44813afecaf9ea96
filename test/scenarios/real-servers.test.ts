// What an operator does with a server on any official SDK: start, list, call, connect a second client, leave it alone for
// half a minute, restart the daemon.

import {Client} from '@modelcontextprotocol/sdk/client/index.js'
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {describe, expect, test} from 'vitest'
import {watchProgram} from '../support/cli.ts'
import {needs} from '../support/parts.ts'
import {REAL_SERVERS, type RealServer} from './real-servers.ts'
import {type Binding, type DaemonProcess, Tunnel} from './tunnel.ts'

/** Longer than the interval of every idle check of the daemon. */
const IDLE_MS = 30_000
const TEST_MS = 180_000

async function connect(url: string): Promise<Client> {
  const client = new Client({name: 'real-servers', version: '1'})
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return client
}

async function use(client: Client, {tool}: RealServer): Promise<void> {
  expect((await client.listTools()).tools.map(({name}) => name)).toContain(tool.name)
  const {content} = await client.callTool({name: tool.name, arguments: tool.args})
  expect((content as {text: string}[]).map(({text}) => text).join('\n')).toContain(tool.answer)
}

const expectReady = async (daemon: DaemonProcess): Promise<void> => {
  const {status, body} = await daemon.get('/readyz')
  expect(`${status} ${body}`).toMatch(/^200 /)
}

async function bindingOf(server: RealServer, transport: 'stdio' | 'http'): Promise<[Binding, () => Promise<unknown>]> {
  if (transport === 'stdio') return [{stdio: server.stdio}, async () => {}]
  const program = watchProgram(server.http as [string, ...string[]])
  const [, port] = await program.output(/\{"port":(\d+)\}/)
  return [{http: `http://127.0.0.1:${port}/mcp`}, () => program.stop()]
}

const rows = REAL_SERVERS.flatMap((server) =>
  (server.http === undefined ? (['stdio'] as const) : (['stdio', 'http'] as const)).map(
    (transport) => [server.name, transport, server] as const,
  ),
)

describe('through the tunnel', () => {
  test.concurrent.for(rows)(
    '%s over %s is ready before any client, serves two, rests, and outlives a daemon',
    {timeout: TEST_MS},
    async ([, transport, server], context) => {
      needs(server.part)(context)
      const tunnel = new Tunnel()
      const [binding, stopServer] = await bindingOf(server, transport)
      try {
        const service = await tunnel.service()
        const daemon = await tunnel.daemon(service, binding)
        await daemon.ready()

        const first = await connect(service.mcpUrl)
        await use(first, server)

        if (transport === 'stdio' && server.refusesSecondClient !== undefined) {
          await expect(connect(service.mcpUrl)).rejects.toThrow(server.refusesSecondClient)
        } else {
          const second = await connect(service.mcpUrl)
          await use(second, server)
          await second.close()
        }
        await use(first, server)

        await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
        await expectReady(daemon)
        await use(first, server)
        expect(daemon.process.stderr() + daemon.process.stdout()).not.toContain('stdio MCP command exited')
        await first.close()

        await daemon.process.stop()
        const next = await tunnel.daemon(service, binding)
        await next.ready()
        const third = await connect(service.mcpUrl)
        await use(third, server)
        await third.close()
      } finally {
        await tunnel.stop()
        await stopServer()
      }
    },
  )
})
