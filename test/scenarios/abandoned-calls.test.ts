// Callers that hang up without a cancellation leave calls behind; a new client must not wait for them.

import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client'
import {afterEach, describe, expect, test} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {type Binding, sdkServerStdio, Tunnel} from './tunnel.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'leaver', version: '1'}},
}

/** A client as a program is that gets killed: it opens a session, makes slow calls, and its connections break. */
async function leaver(url: string): Promise<{call(id: number): void; leave(): void}> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const post = (message: object, signal?: AbortSignal) =>
    fetch(url, {method: 'POST', headers, body: JSON.stringify(message), ...(signal ? {signal} : {})})
  const opened = await post(INITIALIZE)
  await opened.text()
  const session = opened.headers.get('mcp-session-id')
  if (session !== null) headers['mcp-session-id'] = session
  headers['mcp-protocol-version'] = '2025-06-18'
  await (await post({jsonrpc: '2.0', method: 'notifications/initialized'})).text()
  const gone = new AbortController()
  return {
    call: (id) => {
      const params = {name: 'wait', arguments: {ms: 60_000, tag: id}}
      post({jsonrpc: '2.0', id, method: 'tools/call', params}, gone.signal)
        .then((reply) => reply.text())
        .catch(() => {})
    },
    leave: () => gone.abort(),
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({name: 'newcomer', version: '1'}, {versionNegotiation: {mode: 'legacy'}})
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return client
}

describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
  let tunnel = new Tunnel()
  afterEach(() => tunnel.stop())

  test('twelve abandoned calls do not hold up a new client, and their server is told', async () => {
    tunnel = new Tunnel()
    const service = await tunnel.service()
    const binding: Binding = transport === 'stdio' ? sdkServerStdio : await tunnel.sdkServer()
    const daemon = await tunnel.daemon(service, binding)
    await daemon.ready()
    const leaving = await leaver(service.mcpUrl)
    for (let id = 1; id <= 12; id++) leaving.call(id)
    await eventually('all slots taken', async () => {
      const {body} = await daemon.get('/api/state')
      return /"running":\s*10\b/.test(body) && /"queued":\s*2\b/.test(body)
    })
    leaving.leave()
    const started = performance.now()
    const client = await connect(service.mcpUrl)
    const {tools} = await client.listTools()
    const waited = performance.now() - started
    expect(tools.length).toBeGreaterThan(3)
    expect(waited).toBeLessThan(3000)
    const cancelled = async (): Promise<string> => {
      const result = await client.callTool({name: 'cancelled', arguments: {}})
      return (result as {content: {text: string}[]}).content.map(({text}) => text).join('')
    }
    // A waiting call may start in the moment between two cancellations; its own follows.
    await eventually('the server was told of those that it ran', async () => Number(await cancelled()) >= 10)
    await eventually('nothing runs', async () => /"running":\s*0\b/.test((await daemon.get('/api/state')).body))
    await client.close()
  })
})
