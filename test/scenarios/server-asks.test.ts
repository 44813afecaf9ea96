// An MCP server asks the caller of its tool, through the tunnel and back: sampling, elicitation, roots.

import {Client} from '@modelcontextprotocol/sdk/client/index.js'
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type ServiceProcess, Tunnel} from './tunnel.ts'

/**
 * A client that can be asked; everything that it is asked is kept. Without `roots` the server asks only during calls: for
 * roots it asks when it pleases, also while a client is leaving.
 */
async function connect(url: string, name: string, {roots = true} = {}) {
  const asked: string[] = []
  const errors: Error[] = []
  const capabilities = {sampling: {}, elicitation: {}, ...(roots ? {roots: {listChanged: true}} : {})}
  const client = new Client({name, version: '1.0.0'}, {capabilities})
  client.onerror = (error) => errors.push(error)
  client.setRequestHandler(CreateMessageRequestSchema, async ({params}) => {
    asked.push('sampling')
    const said = JSON.stringify(params.messages[0]?.content)
    return {role: 'assistant', model: 'm', content: {type: 'text', text: `${name} heard ${said}`}}
  })
  client.setRequestHandler(ElicitRequestSchema, async () => {
    asked.push('elicitation')
    return {action: 'accept', content: {name, check: true}}
  })
  const listRoots = async () => {
    asked.push('roots')
    return {roots: [{uri: `file:///roots/${name}`, name}]}
  }
  if (roots) client.setRequestHandler(ListRootsRequestSchema, listRoots)
  const transport = new StreamableHTTPClientTransport(new URL(url))
  await client.connect(transport as Parameters<typeof client.connect>[0])
  const call = async (tool: string, args: Record<string, unknown>): Promise<string> => {
    const {content} = await client.callTool({name: tool, arguments: args})
    return JSON.stringify(content)
  }
  // Ends the session first: this SDK reports its own hanging up of an open session stream as an error, directly, too.
  const close = async (): Promise<void> => {
    if (transport.sessionId !== undefined) await transport.terminateSession()
    await client.close()
  }
  return {client, asked, errors, call, close}
}

describe.each(['stdio', 'http'] as const)('server-everything over %s', (transport) => {
  const tunnel = new Tunnel()
  let service: ServiceProcess
  beforeAll(async () => {
    service = await tunnel.service()
    const daemon = await tunnel.daemon(service, await tunnel.everything(transport))
    await daemon.ready()
  })
  afterAll(() => tunnel.stop())

  test('samples from the model of the caller, and asks him for a form', async () => {
    // One process serves all callers of a pipe, and has its tools from what the first of them can do.
    const ada = await connect(service.mcpUrl, 'ada', {roots: transport === 'stdio'})
    const tools = (await ada.client.listTools()).tools.map(({name}) => name)
    expect(tools).toEqual(expect.arrayContaining(['trigger-sampling-request', 'trigger-elicitation-request']))
    expect(await ada.call('trigger-sampling-request', {prompt: 'what is it?', maxTokens: 10})).toContain('ada heard')
    expect(await ada.call('trigger-elicitation-request', {})).toContain('ada')
    expect(ada.asked).toEqual(expect.arrayContaining(['sampling', 'elicitation']))
    expect(ada.errors).toEqual([])
    await ada.close()
  })

  // On a pipe its only call says whom it means; over HTTP it asks on the stream of the session.
  test('reads the roots of the caller', async () => {
    const bob = await connect(service.mcpUrl, 'bob')
    // It keeps those of whom it asked first, and one process serves all callers.
    expect(await bob.call('get-roots-list', {})).toContain('file:///roots/')
    await bob.close()
  })

  // On a pipe with several calls in flight nobody can tell whom a question is for: it is refused there.
  if (transport === 'http') {
    test('each of eight callers at once is asked himself, and answers his own server', async () => {
      const names = Array.from({length: 8}, (_, n) => `caller-${n}`)
      const clients = await Promise.all(names.map((name) => connect(service.mcpUrl, name, {roots: false})))
      const answers = await Promise.all(
        clients.map(({call}, n) => call('trigger-sampling-request', {prompt: `for ${n}`, maxTokens: 5})),
      )
      answers.forEach((answer, n) => {
        expect(answer).toContain(`caller-${n} heard`)
        expect(answer).toContain(`for ${n}`)
      })
      for (const {close, asked, errors} of clients) {
        expect(asked.filter((what) => what === 'sampling')).toHaveLength(1)
        await close()
        expect(errors).toEqual([])
      }
    })
  }
})
