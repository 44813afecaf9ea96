import {expect, it, onTestFinished} from 'vitest'
import {eventually} from '../../../support/eventually.ts'
import {call, type Opened, openChannels, start, stdioBinding} from '../../../support/open-channel.ts'
import {request} from '../stdio/supervised.ts'

/** A server that answers once for each of `params.ids`: `own`, `before` (the id of the request before), or the token that stands there. */
const SERVER = `
  require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
    const {id, method, params} = JSON.parse(line)
    if (id === undefined || method === 'silent') return
    if (method === 'crash') process.exit(3)
    const known = {own: id, before: id - 1}
    for (const it of params?.ids ?? ['own']) console.log('{"jsonrpc":"2.0","id":' + (known[it] ?? it) + ',"result":{}}')
  })`
const WARNING = 'the MCP server sent an answer that belongs to no open request; it is dropped'

async function open(): Promise<Opened> {
  const opened = openChannels({bindings: [stdioBinding([process.execPath, '-e', SERVER])]})
  onTestFinished(opened.close)
  await opened.channel.start()
  return opened
}
const warnings = ({records}: Opened): object[] =>
  records.filter(({message}) => message === WARNING).map(({attrs: {id, waiting}}) => ({id, waiting}))

it.each([
  ['a number of its own', 4711, '4711'],
  ['a long number', '123456789012345678901', 'a number of 21 digits'],
  ['a text', '"s3cr3t-canary"', 'a text of 13 characters'],
  ['nothing', 'null', 'null'],
])('says once per server that %s is no id of a request, and how many wait', async (_what, id, said) => {
  const opened = await open()
  const waiting = start(opened.channel, request(1, 'raw', {ids: [id, id]}))
  await eventually('both', () => opened.channel.status().strayAnswers === 2)
  await call(opened.channel, request(2, 'raw', {ids: [id, 'own']}))
  expect(warnings(opened)).toEqual([{id: said, waiting: 1}])
  expect(JSON.stringify(opened.records)).not.toContain('canary')
  waiting.handle.cancel('shutdown')
  await call(opened.channel, request(3, 'crash'))
  await call(opened.channel, request(4, 'raw'))
  expect(opened.channel.status().strayAnswers, 'of the server that runs now').toBe(0)
})

it('counts a second answer, and not the late one to a call that was given up', async () => {
  const opened = await open()
  await call(opened.channel, request(1, 'raw', {ids: ['own', 'own']}))
  await call(opened.channel, request(2, 'raw'))
  expect(opened.channel.status().strayAnswers).toBe(1)
  const late = start(opened.channel, request(3, 'silent'))
  late.handle.cancel('deadline')
  // Ids of ours count up.
  await call(opened.channel, request(4, 'raw', {ids: ['before', 'own']}))
  expect(opened.channel.status().strayAnswers).toBe(1)
  await call(opened.channel, request(5, 'raw', {ids: ['before', 'own']}))
  expect(opened.channel.status().strayAnswers).toBe(2)
})
