// What a server asks outside of calls, and what it asks of many at once, through the whole tunnel: each answer finds its way back
// to the server that asked, and no client notices an error in the background.

import {Client} from '@modelcontextprotocol/sdk/client/index.js'
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {CreateMessageRequestSchema, ListRootsRequestSchema} from '@modelcontextprotocol/sdk/types.js'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {Tunnel} from './tunnel.ts'

let tunnel: Tunnel
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(() => tunnel.stop())

/**
 * A client that answers what it is asked, under its own name. For roots this server asks when it pleases, also while a client is
 * leaving: who wants to leave without a word has none.
 */
async function asked(url: string, name: string, {roots = false} = {}) {
  const capabilities = {sampling: {}, ...(roots ? {roots: {listChanged: true}} : {})}
  const client = new Client({name, version: '1.0.0'}, {capabilities})
  const errors: Error[] = []
  client.onerror = (error) => errors.push(error)
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant' as const,
    content: {type: 'text' as const, text: `sampled by ${name}.`},
  }))
  if (roots) client.setRequestHandler(ListRootsRequestSchema, () => ({roots: [{uri: `file:///${name}`, name}]}))
  const transport = new StreamableHTTPClientTransport(new URL(url))
  await client.connect(transport as Parameters<typeof client.connect>[0])
  const call = async (tool: string, args: Record<string, unknown> = {}): Promise<string> =>
    JSON.stringify((await client.callTool({name: tool, arguments: args})).content)
  const close = async (): Promise<void> => {
    await transport.terminateSession()
    await client.close()
  }
  return {call, errors, close}
}

async function throughTunnel(): Promise<string> {
  const service = await tunnel.service()
  await (await tunnel.daemon(service, await tunnel.everythingHttp())).ready()
  return service.mcpUrl
}

test('a server that asks for roots after the handshake, outside of any call, gets them', async () => {
  const client = await asked(await throughTunnel(), 'one', {roots: true})
  await eventually('the roots', async () => {
    const roots = await client.call('get-roots-list')
    if (!roots.includes('file:///one')) throw new Error(roots)
    return true
  })
  expect(client.errors).toEqual([])
  await client.close()
})

test('answers of eight callers, five at once each, are not mixed up', async () => {
  const url = await throughTunnel()
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const clients = await Promise.all(names.map((name) => asked(url, name)))
  const calls = names.flatMap((name, i) => Array.from({length: 5}, () => ({name, client: clients[i]!})))
  const texts = await Promise.all(
    calls.map(({client}) => client.call('trigger-sampling-request', {prompt: 'p', maxTokens: 5})),
  )
  texts.forEach((text, i) => {
    expect(text).toContain(`sampled by ${calls[i]!.name}.`)
  })
  for (const client of clients) {
    await client.close()
    expect(client.errors).toEqual([])
  }
})
