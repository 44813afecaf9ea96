import {InMemoryTransport} from '@modelcontextprotocol/sdk/inMemory.js'
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {afterEach, expect, it} from 'vitest'
import {z} from 'zod'
import type {ObjectTransport} from '../../../../src/tunnel/channels/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, type Opened, openChannels, start} from '../../../support/open-channel.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function makeServer(): McpServer {
  const server = new McpServer({name: 'inside', version: '1'})
  server.registerTool('wait', {inputSchema: {ms: z.number()}}, async ({ms}, {sendNotification, _meta}) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    const progressToken = _meta?.progressToken
    if (progressToken !== undefined) {
      await sendNotification({method: 'notifications/progress', params: {progressToken, progress: ms}})
    }
    return {content: [{type: 'text', text: `${ms}`}]}
  })
  return server
}

async function open(): Promise<Opened & {drop(): Promise<void>; connects: () => number}> {
  let connects = 0
  let last: InMemoryTransport | null = null
  const connect = async (): Promise<ObjectTransport> => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    connects++
    last = theirs
    await makeServer().connect(theirs)
    return ours as ObjectTransport
  }
  const opened = openChannels({bindings: [{kind: 'memory', channel: 'main', connect}]})
  closers.push(opened.close)
  await opened.channel.start()
  return {...opened, connects: () => connects, drop: async () => last?.close()}
}

const wait = (ms: number, token: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"ms":${ms}},"_meta":{"progressToken":${token}}}}`

it('serves callers with the same ids at the same time', async () => {
  const {channel} = await open()
  expect(await channel.probe()).toMatchObject({state: 'ok'})
  const outcomes = await Promise.all([30, 1, 15].map((ms) => call(channel, wait(ms, '"t"'))))
  for (const [n, ms] of [30, 1, 15].entries()) {
    const {response, notifications} = outcomes[n]!
    expect(JSON.parse(response!)).toMatchObject({id: 1, result: {content: [{text: `${ms}`}]}})
    expect(notifications.map((note) => JSON.parse(note).params)).toEqual([{progressToken: 't', progress: ms}])
  }
  expect(await channel.terminateSession([], null)).toEqual({status: 405, headers: []})
})

it('answers a payload that is garbage inside, without harm to others', async () => {
  const {channel} = await open()
  const slow = start(channel, wait(50, '1'))
  const {response} = await call(channel, '{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"a":[tru]}}')
  expect(JSON.parse(response!)).toMatchObject({id: 'x', error: {code: -32700}})
  expect((await slow.done).response).toContain('"50"')
})

it('connects again when the server hangs up', async () => {
  const {channel, drop, connects} = await open()
  const pending = start(channel, wait(10_000, '1'))
  await drop()
  expect((await pending.done).failure).toMatchObject({source: 'transport_closed'})
  await eventually('a new connection', () => connects() === 2)
  expect((await call(channel, wait(1, '2'))).response).toContain('"1"')
})
