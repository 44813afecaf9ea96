// A caller of the era 2026-07-28 cancels by hanging up: the server behind the tunnel stops working for him.

import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client'
import {afterEach, describe, expect, test} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {type Binding, sdkServerStdio, Tunnel} from './tunnel.ts'

const info = {name: 'scenario-client', version: '1.0.0'}

async function connect(url: string) {
  const client = new Client(info, {versionNegotiation: {mode: {pin: '2026-07-28'}}})
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  const call = async (name: string, args: Record<string, unknown> = {}, signal?: AbortSignal): Promise<string> => {
    const result = await client.callTool({name, arguments: args}, signal ? {signal} : {})
    return (result as {content: {text: string}[]}).content.map((one) => one.text).join('')
  }
  return {client, call}
}

describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
  let tunnel = new Tunnel()
  afterEach(() => tunnel.stop())

  test('hanging up cancels the call at the server, and only that one', async () => {
    tunnel = new Tunnel()
    const service = await tunnel.service()
    const binding: Binding = transport === 'stdio' ? sdkServerStdio : await tunnel.sdkServer()
    const daemon = await tunnel.daemon(service, binding)
    await daemon.ready()
    const [leaving, staying] = [await connect(service.mcpUrl), await connect(service.mcpUrl)]
    const gone = new AbortController()
    const left = leaving.call('wait', {ms: 60_000, tag: 1}, gone.signal)
    const stays = staying.call('wait', {ms: 3_000, tag: 2})
    await eventually('both calls', async () => (await staying.call('runs')) === '2')
    gone.abort()
    await expect(left).rejects.toThrow()
    await eventually('the cancellation', async () => (await staying.call('cancelled')) === '1')
    expect(await stays).toBe('waited 2')
    expect(await staying.call('cancelled')).toBe('1')
    await leaving.client.close()
    await staying.client.close()
  })

  test('hanging up frees the only slot, also when every place in the line is taken', async () => {
    tunnel = new Tunnel()
    const service = await tunnel.service()
    const binding: Binding = transport === 'stdio' ? sdkServerStdio : await tunnel.sdkServer()
    const one = ['--mcp.max-concurrent-requests', '1', '--control-plane.max-inflight', '1']
    const daemon = await tunnel.daemon(service, binding, one)
    await daemon.ready()
    const [leaving, staying] = [await connect(service.mcpUrl), await connect(service.mcpUrl)]
    const gone = new AbortController()
    const left = leaving.call('wait', {ms: 60_000, tag: 1}, gone.signal)
    left.catch(() => {})
    const waiting = [2, 3, 4].map((tag) => staying.call('wait', {ms: 10, tag}))
    await eventually('a full line', async () => /"queued":\s*1\b/.test((await daemon.get('/api/state')).body))
    gone.abort()
    expect(await Promise.all(waiting)).toEqual(['waited 2', 'waited 3', 'waited 4'])
    await expect(left).rejects.toThrow()
    await leaving.client.close()
    await staying.client.close()
  })
})
