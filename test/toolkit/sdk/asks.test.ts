import {Client} from '@modelcontextprotocol/sdk/client/index.js'
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {CreateMessageRequestSchema} from '@modelcontextprotocol/sdk/types.js'
import {expect, it} from 'vitest'
import {z} from 'zod'
import {client, service} from './rig.ts'

it('lets a server ask the caller of each of its calls, also of several at once', async () => {
  const server = (): McpServer => {
    const made = new McpServer({name: 'asking', version: '1'})
    made.registerTool('ask', {inputSchema: {about: z.string()}}, async ({about}, {sendRequest}) => {
      const messages = [{role: 'user' as const, content: {type: 'text' as const, text: about}}]
      const answer = await sendRequest(
        {method: 'sampling/createMessage', params: {messages, maxTokens: 5}},
        z.object({content: z.object({text: z.string()})}),
      )
      return {content: [{type: 'text', text: answer.content.text}]}
    })
    return made
  }
  const tunnel = await service()
  const one = client({...tunnel.clientOptions(), mcp: {server}})
  await one.start()
  await one.waitUntilReady()
  const caller = new Client({name: 'caller', version: '1'}, {capabilities: {sampling: {}}})
  const errors: Error[] = []
  caller.onerror = (error) => errors.push(error)
  caller.setRequestHandler(CreateMessageRequestSchema, async ({params}) => {
    const text = `heard ${(params.messages[0]!.content as {text: string}).text}`
    return {role: 'assistant', model: 'm', content: {type: 'text', text}}
  })
  const transport = new StreamableHTTPClientTransport(new URL(tunnel.mcpUrl))
  await caller.connect(transport as Parameters<typeof caller.connect>[0])
  const topics = ['cats', 'dogs', 'eels']
  const answers = await Promise.all(topics.map((about) => caller.callTool({name: 'ask', arguments: {about}})))
  expect(answers.map(({content}) => content)).toEqual(topics.map((topic) => [{type: 'text', text: `heard ${topic}`}]))
  await transport.terminateSession()
  await caller.close()
  expect(errors).toEqual([])
})
