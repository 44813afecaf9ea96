import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {decodePollBody, type JsonRpcCommand, type PollBody} from '../../../../src/foundation/wire/index.ts'
import {spacedJson} from '../../../support/spaced-json.ts'

const decode = (...commands: readonly string[]): PollBody =>
  decodePollBody(Buffer.from(`{"commands":[${commands.join(',')}]}`), 1000)

const command = (members: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    request_id: 'r1',
    shard_token: 's1',
    command_type: 'jsonrpc',
    jsonrpc: {jsonrpc: '2.0', id: 1, method: 'ping'},
    ...members,
  })

describe('commands that can be run', () => {
  test('payload bytes come out as they went in, whatever they are', () => {
    fc.assert(
      fc.property(spacedJson, spacedJson, fc.constantFrom('', ' ', '\n'), (params, other, gap) => {
        const payload = `{${gap}"jsonrpc":"2.0","id":9007199254740993,"params":${params},"method":"m","extra":${other}}`
        const body = decode(
          `{"other":${other},"jsonrpc":${gap}${payload}${gap},${command()
            .slice(1)
            .replace(/,"jsonrpc":.*$/, '}')}`,
        )
        expect(body.rejected).toEqual([])
        expect(body.truncated).toBe(false)
        expect((body.commands[0] as JsonRpcCommand).message.raw.toString('utf8')).toBe(payload)
      }),
    )
  })

  test('defaults: channel main, no headers, no time of creation, no deadline', () => {
    expect(decode(command()).commands[0]).toMatchObject({
      type: 'jsonrpc',
      requestId: 'r1',
      shardToken: 's1',
      channel: 'main',
      createdAt: null,
      headers: [],
      deadline: null,
      receivedAt: 1000,
    })
  })

  test('the deadline counts from the receipt; a malformed one is none', () => {
    const deadlines = ['30s', '0s', '4.5s', null, 30].map(
      (response_timeout) => decode(command({response_timeout})).commands[0]!.deadline,
    )
    expect(deadlines).toEqual([31_000, 1000, null, null, null])
  })

  test('headers keep their values and get canonical names; null is no headers', () => {
    const headers = {'mcp-session-id': ['a'], 'X-TEST': ['1', '漢'], accept: []}
    expect(decode(command({headers})).commands[0]!.headers).toEqual([
      'Mcp-Session-Id',
      'a',
      'X-Test',
      '1',
      'X-Test',
      '漢',
    ])
    expect(decode(command({headers: null})).commands[0]!.headers).toEqual([])
  })

  test.each([
    [' Tools ', 'tools'],
    ['', 'main'],
    [null, 'main'],
    ['a_b-9', 'a_b-9'],
  ])('channel %j is %s', (channel, name) => {
    expect(decode(command({channel})).commands[0]!.channel).toBe(name)
  })

  test.each([
    ['2026-06-12T12:13:14.000Z', Date.UTC(2026, 5, 12, 12, 13, 14)],
    ['2026-06-12T12:13:14.123456789+02:00', Date.UTC(2026, 5, 12, 10, 13, 14, 123)],
  ])('created_at %s', (created_at, at) => {
    expect(decode(command({created_at})).commands[0]!.createdAt).toBe(at)
  })

  test('the example of the public contract decodes', () => {
    const body = decode(
      command({channel: 'harpoon', created_at: '2026-06-12T12:13:14.000Z', headers: {'x-test': ['alpha']}}),
      command({command_type: 'session_termination', headers: {'Mcp-Session-Id': ['s']}}),
      command({command_type: 'oauth_discovery'}),
    )
    expect(body.commands.map(({type}) => type)).toEqual(['jsonrpc', 'session_termination', 'oauth_discovery'])
  })

  test('a caller who can be asked, and the answer of one: anything but true and a string is nothing', () => {
    const {commands} = decode(
      command({server_requests: true}),
      command({server_requests: 'true', answers: null}),
      command({answers: 'r0', jsonrpc: {jsonrpc: '2.0', id: 0, result: {}}}),
    )
    expect(commands).toMatchObject([
      {serverRequests: true, answers: null},
      {serverRequests: false, answers: null},
      {serverRequests: false, answers: 'r0', message: {kind: 'response', id: '0'}},
    ])
  })

  test('a cancellation needs nothing but what it cancels', () => {
    const {commands, rejected} = decode(
      '{"command_type":"cancel","cancels":"r1"}',
      '{"request_id":"c","shard_token":"s","command_type":"cancel","channel":"tools","cancels":"r2"}',
      '{"request_id":"c2","shard_token":"s","command_type":"cancel","cancels":7}',
    )
    expect(commands).toMatchObject([
      {type: 'cancel', cancels: 'r1', requestId: '', channel: 'main'},
      {type: 'cancel', cancels: 'r2', requestId: 'c', channel: 'tools'},
    ])
    expect(rejected).toHaveLength(1)
  })

  test('a small payload does not keep a large body in memory', () => {
    const body = decode(command(), command({request_id: 'r2', pad: 'x'.repeat(1_000_000)}))
    const {raw} = (body.commands[0] as JsonRpcCommand).message
    expect(raw.buffer.byteLength).toBeLessThan(200_000) // the pool of small buffers has 64 KiB from Node 24 on
  })
})

describe('elements that cannot be run', () => {
  const PREFIX = 'control-plane command dropped:'
  test.each([
    ['7', `${PREFIX} invalid payload`, false],
    ['null', `${PREFIX} invalid payload`, false],
    ['{"request_id":"r1","shard_token":"s1","command_type":5}', `${PREFIX} invalid payload`, true],
    ['{"request_id":"r1","shard_token":"s1","x":bad}', `${PREFIX} invalid payload`, true],
    ['{"request_id":"r1","shard_token":"s1"}', `${PREFIX} missing command_type`, true],
    [command({command_type: ''}), `${PREFIX} missing command_type`, true],
    [command({command_type: 'reboot'}), `${PREFIX} unknown command_type`, true],
    [command({request_id: ''}), `${PREFIX} invalid jsonrpc payload`, false],
    [command({request_id: 5}), `${PREFIX} invalid jsonrpc payload`, false],
    [command({shard_token: undefined}), `${PREFIX} invalid jsonrpc payload`, false],
    [command({shard_token: 'a\nb'}), `${PREFIX} invalid jsonrpc payload`, false],
    [command({jsonrpc: undefined}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({jsonrpc: [1]}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({jsonrpc: {jsonrpc: '1.0', id: 1, method: 'x'}}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({channel: 'no spaces here'}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({channel: 7}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({created_at: 'yesterday'}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({created_at: 12}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({headers: {a: 'bare'}}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({headers: {'a b': ['x']}}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({headers: {a: ['x\r\ny']}}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({created_at: '2026-06-12t12:13:14z'}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({headers: []}), `${PREFIX} invalid jsonrpc payload`, true],
    [command({command_type: 'session_termination'}), `${PREFIX} invalid session_termination payload`, true],
    [command({command_type: 'oauth_discovery', channel: '!'}), `${PREFIX} invalid oauth_discovery payload`, true],
  ])('%s', (element, warning, addressable) => {
    const body = decode(command({request_id: 'before'}), element, command({request_id: 'after'}))
    expect(body.commands.map(({requestId}) => requestId)).toEqual(['before', 'after'])
    expect(body.rejected).toHaveLength(1)
    expect(body.rejected[0]).toMatchObject({warning})
    expect(body.rejected[0]!.address !== null).toBe(addressable)
  })

  test('the refusal can name the call when its id was readable', () => {
    const {rejected} = decode(command({jsonrpc: {jsonrpc: '2.0', id: 'x', method: 5}}))
    expect(rejected[0]).toMatchObject({rpcId: '"x"', rpcCode: -32600, address: {requestId: 'r1', shardToken: 's1'}})
  })

  test('bytes that are not UTF-8 reject their own command only', () => {
    const good = Buffer.from(`${command({request_id: 'good'})}]}`)
    const bad = Buffer.concat([
      Buffer.from('{"commands":['),
      Buffer.from(command({pad: '\u00ff'}), 'latin1'),
      Buffer.from(','),
    ])
    const body = decodePollBody(Buffer.concat([bad, good]), 0)
    expect(body.commands.map(({requestId}) => requestId)).toEqual(['good'])
    expect(body.rejected[0]!.address).toEqual({requestId: 'r1', shardToken: 's1'})
  })
})

describe('an answer that holds far more than a poll asks for', () => {
  const all = (body: Buffer): PollBody[] => {
    const slices = [decodePollBody(body, 0)]
    for (let {rest} = slices[0]!; rest !== null; rest = slices.at(-1)!.rest) slices.push(rest.next())
    return slices
  }

  test('is decoded in slices of at most 256 commands, each once and in order', () => {
    const ids = Array.from({length: 1000}, (_, i) => `r${i}`)
    const text = ids.map((request_id) => command({request_id})).join(', ')
    for (const [tail, truncated] of [
      [']}', false],
      [']', true],
      [',{]}', true],
    ] as const) {
      const slices = all(Buffer.from(`{"commands":[${text}${tail}`))
      expect(slices.map(({commands}) => commands.length)).toEqual([256, 256, 256, 232])
      expect(slices.flatMap(({commands}) => commands.map(({requestId}) => requestId))).toEqual(ids)
      expect(slices.at(-1)!.truncated).toBe(truncated)
    }
  })

  test('a slice passes 20 000 elements, and keeps a hundred of those that name no request', () => {
    const slices = all(Buffer.from(`{"commands":[${'0,'.repeat(50_000)}${command()}]}`))
    expect(slices.map(({rejected, dropped}) => rejected.length + dropped)).toEqual([19_999, 20_000, 10_001])
    expect(Math.max(...slices.map(({rejected}) => rejected.length))).toBe(100)
    expect(slices.at(-1)!.commands).toHaveLength(1)
  })

  test('a slice of large commands ends after 4 MiB, but not before 32 of them', () => {
    const pad = 'x'.repeat(256 * 1024)
    const slices = all(Buffer.from(`{"commands":[${Array(50).fill(command({pad})).join(',')}]}`))
    expect(slices.map(({commands}) => commands.length)).toEqual([32, 18])
  })

  test.each([
    ['members of the element', command().replace(/\}$/, `${',"x":1'.repeat(300)}}`), 'more than 256 members'],
    [
      'members of the call',
      command({jsonrpc: 0}).replace(':0', `:{"jsonrpc":"2.0","id":1${',"x":1'.repeat(10_000)}}`),
      'more than 10000 members',
    ],
    ['header fields', command({headers: {a: Array(1001).fill('x')}}), 'headers holds more than 1000 fields'],
    ['header bytes', command({headers: {a: ['x'.repeat(1024 * 1024)]}}), 'headers is larger than 1 MiB'],
  ])('too many %s are refused, where the request id is known', (_name, element, reason) => {
    const {commands, rejected} = decode(element, command({request_id: 'after'}))
    expect(commands.map(({requestId}) => requestId)).toEqual(['after'])
    expect(rejected).toMatchObject([{address: {requestId: 'r1'}, reason: expect.stringContaining(reason)}])
  })

  test('a byte order mark in front of it is ignored', () => {
    expect(decodePollBody(Buffer.from(`\ufeff{"commands":[${command()}]}`), 0).commands).toHaveLength(1)
  })
})

describe('a body that breaks off', () => {
  const whole = Buffer.from(`{"commands":[${command({request_id: 'a'})},${command({request_id: 'b'})}]}`)
  const ends = [whole.indexOf('},{') + 1, whole.length - 2]

  test('every command that is complete is used, at every possible cut', () => {
    for (let end = 0; end <= whole.length; end++) {
      const body = decodePollBody(whole.subarray(0, end), 0)
      expect(body.commands).toHaveLength(ends.filter((complete) => end >= complete).length)
      expect(body.rejected).toEqual([])
      expect(body.truncated).toBe(end !== whole.length)
    }
  })

  test.each(['', 'null', '[]', '<html>', '{"commands":{}}', '{"commands":[]} x'])('%j is no poll answer', (text) => {
    expect(decodePollBody(Buffer.from(text), 0)).toEqual({
      commands: [],
      rejected: [],
      dropped: 0,
      truncated: true,
      rest: null,
    })
  })

  test.each(['{}', '{"commands":null}', '{"commands":[]}', ' {"x":1,"commands" : [ ]}\n'])(
    '%j is an empty one',
    (text) => {
      expect(decodePollBody(Buffer.from(text), 0)).toEqual({
        commands: [],
        rejected: [],
        dropped: 0,
        truncated: false,
        rest: null,
      })
    },
  )
})
