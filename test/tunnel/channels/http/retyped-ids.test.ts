// Ids of another JSON type, as the Python SDK 1.9.4 and other servers write them.

import {describe, expect, it} from 'vitest'
import {call, openHttpChannel} from '../../../support/open-channel.ts'
import {events, json, type RawAnswer} from '../../../support/servers/raw-http-server.ts'

const callWith = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{}}`
const answerWith = (id: string): string => `{"jsonrpc":"2.0","id":${id},"result":{"ok":true}}`

describe('an answer under the id of the call in another JSON type', () => {
  it.each([
    ['0', '"0"'],
    ['"1"', '1'],
    ['"9007199254740993"', '9007199254740993'],
    ['9007199254740993', '"9007199254740993"'],
    ['1.0', '"1"'],
    ['"\\u0031"', '1'],
  ])('is delivered under the id of the caller: %s answered as %s', async (id, told) => {
    const {channel, server} = await openHttpChannel((_, reply) => json(reply, answerWith(told)))
    expect((await call(channel, callWith(id))).response).toBe(answerWith(id))
    server.answer = (_, reply) => void events(reply).end(`data: ${answerWith(told)}\n\n`)
    expect((await call(channel, callWith(id))).response).toBe(answerWith(id))
  })

  it.each([
    ['0', '"1"'],
    ['0', '""'],
    ['"a"', '0'],
    ['"1"', '"01"'],
    ['"1"', '"1.0"'],
    ['"0x1"', '1'],
  ])('is refused when it is another id: %s answered as %s', async (id, told) => {
    const {channel} = await openHttpChannel((_, reply) => json(reply, answerWith(told)))
    expect((await call(channel, callWith(id))).failure).toMatchObject({failure: 'mcp_no_answer', status: 502})
  })
})

/** Writes every id as a string. */
const retyping: RawAnswer = ({method, body}, reply) => {
  if (method !== 'POST') return void reply.writeHead(method === 'DELETE' ? 200 : 405).end()
  const {id, method: asked} = JSON.parse(body.toString()) as {id?: string | number; method: string}
  if (id === undefined) return void reply.writeHead(202).end()
  const result =
    asked === 'initialize'
      ? {protocolVersion: '2025-06-18', capabilities: {tools: {}}, serverInfo: {name: 'retyping', version: '1'}}
      : {tools: []}
  json(reply, JSON.stringify({jsonrpc: '2.0', id: String(id), result}))
}

it('passes the probe of the daemon', async () => {
  const {channel} = await openHttpChannel(retyping)
  await channel.start()
  expect(await channel.probe()).toMatchObject({state: 'ok', server: {name: 'retyping'}})
})
