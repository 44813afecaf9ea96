// Programs read JSON in their own ways: Go's decoder takes `ID` for `id`, others take the first of two equal members. What
// they take for an id was not rewritten then, and must not be the id of somebody else's call.

import {expect, it, onTestFinished} from 'vitest'
import {call, openChannels, start, stdioBinding} from '../../../support/open-channel.ts'
import {request} from '../stdio/supervised.ts'

/** Answers everything but `silent`, and names what was cancelled as `cancelled`. Member names in any case, the last counts. */
const SERVER = `
  const cancelled = []
  require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
    const {id, method, params} = JSON.parse(line.replace(/"(requestid|id)"/gi, (name) => name.toLowerCase()))
    if (method === 'notifications/cancelled') cancelled.push(params.requestid)
    if (id !== undefined && method !== 'silent') console.log(JSON.stringify({jsonrpc: '2.0', id, result: {cancelled}}))
  })`

it('a caller cannot name the call of another one', async () => {
  const {channel, close} = openChannels({bindings: [stdioBinding([process.execPath, '-e', SERVER])]})
  onTestFinished(close)
  await channel.start()
  const victim = start(channel, request(1, 'silent'), ['Mcp-Session-Id', 'victim'])
  const mine = start(channel, request(2, 'silent'), ['Mcp-Session-Id', 'mine'])
  for (let guess = 1; guess <= 50; guess++) {
    const request = `{"jsonrpc":"2.0","id":3,"method":"forged","ID":${guess}}`
    const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"requestid":${guess}}}`
    for (const forged of [request, cancel]) start(channel, forged, ['Mcp-Session-Id', 'mine'])
  }
  await call(channel, request(9, 'raw'))
  const {response} = await call(channel, request(10, 'raw'))
  const {cancelled} = JSON.parse(response!).result as {cancelled: number[]}
  expect(cancelled).toHaveLength(50)
  expect(await Promise.race([victim.done, Promise.resolve('not answered')])).toBe('not answered')
  for (const {handle} of [victim, mine]) handle.cancel('shutdown')
  const seen = JSON.parse((await call(channel, request(11, 'raw'))).response!).result.cancelled as number[]
  const told = seen.slice(50)
  expect(told, 'the id of the victim: of the other call it had been told before').toHaveLength(1)
  expect(cancelled).not.toContain(told[0])
})
