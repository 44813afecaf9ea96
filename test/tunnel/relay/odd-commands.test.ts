// Commands as no service should send them: each that can be addressed gets one answer and no more, and costs nobody else theirs.

import fc from 'fast-check'
import {expect, test} from 'vitest'
import {callCommand, relayRig} from '../../support/relay-rig.ts'
import {running} from './world.ts'

const rpc = (message: string): string => `"command_type":"jsonrpc","jsonrpc":${message}`
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'

const REFUSED: Readonly<Record<string, string>> = {
  'a batch': rpc(`[${PING}]`),
  null: rpc('null'),
  text: rpc('"x"'),
  'a number': rpc('5'),
  'an empty object': rpc('{}'),
  'no message': '"command_type":"jsonrpc"',
  'an object as id': rpc('{"jsonrpc":"2.0","id":{},"method":"x"}'),
  'a truth value as id': rpc('{"jsonrpc":"2.0","id":true,"method":"x"}'),
  'two ids': rpc('{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}'),
  'an empty method': rpc('{"jsonrpc":"2.0","id":1,"method":""}'),
  'another version': rpc('{"id":1,"method":"x"}'),
  'a number as headers': `"headers":5,${rpc(PING)}`,
  'text as a header': `"headers":{"a":"b"},${rpc(PING)}`,
  'a number as channel': `"channel":5,${rpc(PING)}`,
  'no type': `"jsonrpc":${PING}`,
  'a number as type': '"command_type":5',
  'a cancellation of nothing': '"command_type":"cancel"',
  'a stream without session': '"command_type":"session_stream","headers":{}',
}

test('each is refused once, whatever stands beside it', async () => {
  const {plane, channel} = await running()
  const names = Object.keys(REFUSED)
  const nobody = ['5', 'null', '[]', `{"shard_token":"s",${rpc(PING)}}`, '{"request_id":7,"shard_token":"s"}']
  plane.enqueue(
    ...names.map((name) => `{"request_id":"${name}","shard_token":"s",${REFUSED[name]}}`),
    ...nobody,
    callCommand('good'),
  )
  for (const name of names) expect((await plane.terminal(name)).json.resp_code, name).toBe(400)
  expect((await plane.terminal('good')).json.resp_code).toBe(200)
  expect(plane.responses.map(({json}) => json.request_id).toSorted()).toEqual([...names, 'good'].toSorted())
  expect(channel.calls).toHaveLength(1)
})

test('a poll answer full of them is told in a bounded number of lines, and each is counted', async () => {
  const {plane, relay, logs, events} = await relayRig()
  plane.onPoll = (_, response) => {
    plane.onPoll = undefined
    response.end(`{"commands":[${'null,'.repeat(5000)}${JSON.stringify(callCommand('good'))}]}`)
    return true
  }
  relay.start()
  expect((await plane.terminal('good')).json.resp_code).toBe(200)
  expect(events.filter(({type}) => type === 'command_dropped')).toHaveLength(5000)
  const told = logs.filter(({message}) => message.startsWith('control-plane command'))
  expect(told).toHaveLength(101)
  expect(told[0]!.message).toBe('control-plane command dropped: invalid payload')
  expect(told[100]).toMatchObject({message: 'control-plane commands dropped like these', attrs: {count: 4900}})
})

/** Any JSON where a member is expected: the right kind, another one, or words that mean something to JavaScript. */
const anything = fc.oneof(
  {weight: 1, arbitrary: fc.jsonValue({maxDepth: 2})},
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', '__proto__', 'constructor', 'main', ' MAIN ', 'é', 'x'.repeat(300), '\r\nX: y'),
  },
)
const PROPER: Readonly<Record<string, unknown>> = {
  command_type: 'jsonrpc',
  channel: 'main',
  created_at: '2026-01-01T00:00:00Z',
  response_timeout: '1m',
  headers: {'Mcp-Session-Id': ['s']},
  jsonrpc: JSON.parse(PING),
  server_requests: true,
  answers: null,
}
const TYPES = ['jsonrpc', 'session_termination', 'session_stream', 'oauth_discovery', 'no_such_type', 'toString']

test('whatever its members are, a command that can be addressed gets one answer', async () => {
  const {plane} = await running()
  const [commands] = fc.sample(
    fc.array(
      fc.record({
        type: fc.constantFrom(...TYPES),
        members: fc.dictionary(fc.constantFrom(...Object.keys(PROPER), 'unknown', '__proto__'), anything, {maxKeys: 3}),
      }),
      {minLength: 400, maxLength: 400},
    ),
    {numRuns: 1, seed: 7},
  )
  const made = commands!.map(({type, members}, n) => {
    const command: Record<string, unknown> = {...PROPER, command_type: type, ...members}
    // Whoever is told that his time was over, or has hung up, waits for nothing.
    const isSilent = command.command_type === 'cancel' || /^0+(ns|us|ms|s|m|h)$/.test(String(command.response_timeout))
    return {id: `f${n}`, isSilent, text: JSON.stringify({...command, request_id: `f${n}`, shard_token: 's'})}
  })
  const answered = made.filter(({isSilent}) => !isSilent).map(({id}) => id)
  expect(answered.length).toBeGreaterThan(300)
  for (let at = 0; at < made.length; at += 20) plane.enqueue(...made.slice(at, at + 20).map(({text}) => text))
  plane.enqueue(callCommand('good'))
  expect((await plane.terminal('good')).json.resp_code).toBe(200)
  await plane.until('all answers', () => plane.responses.length >= answered.length + 1)
  const counts = new Map<string, number>()
  for (const {json} of plane.responses) counts.set(json.request_id, (counts.get(json.request_id) ?? 0) + 1)
  expect([...counts.keys()].toSorted()).toEqual([...answered, 'good'].toSorted())
  expect(new Set(counts.values())).toEqual(new Set([1]))
})
