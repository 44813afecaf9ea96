// Commands as no service should send them: each that can be addressed gets one answer and no more, and costs nobody else theirs.

import {expect, test} from 'vitest'
import {callCommand} from '../../support/relay-rig.ts'
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
