import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {metaMember, RpcInvalid, readRpcMessage, sameId} from '../../../src/foundation/wire/index.ts'
import {spacedJson} from '../../support/spaced-json.ts'

const read = (json: string) => readRpcMessage(Buffer.from(json))

const refusal = (json: string): RpcInvalid => {
  try {
    read(json)
  } catch (thrown) {
    if (thrown instanceof RpcInvalid) return thrown
    throw thrown
  }
  throw new Error(`${json} was accepted`)
}

describe('the envelope of a JSON-RPC message', () => {
  test('the id token is what was written, whatever else the message holds', () => {
    const ids = ['9007199254740993', '1.0', '-7', '"a\\u0062"', '"1"', '0', '1e3']
    fc.assert(
      fc.property(fc.constantFrom(...ids), spacedJson, fc.boolean(), (id, params, idFirst) => {
        const members = [`"method" : "m"`, `"params":${params}`, '"x":{"id":4}']
        const all = idFirst ? [`"id":${id}`, ...members] : [...members, `"\\u0069d" :${id} `]
        const message = read(`{ "jsonrpc":"2.0",${all.join(' , ')}}`)
        expect(message.id).toBe(id)
        expect(message.kind).toBe('request')
        expect(message.method).toBe('m')
        expect(message.raw.toString('utf8', message.params!.start, message.params!.end)).toBe(params)
      }),
    )
  })

  test.each([
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', 'notification', null],
    ['{"jsonrpc":"2.0","method":"m"}', 'notification', null],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', 'response', '1'],
    ['{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":""}}', 'response', '"x"'],
  ])('%s is a %s', (json, kind, id) => {
    expect(read(json)).toMatchObject({kind, id})
  })

  test.each([
    ['[{"jsonrpc":"2.0","id":1,"method":"m"}]', -32600, null],
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}', -32600, null],
    ['{"jsonrpc":"2.0","id":1,"method":"m","method":"n"}', -32600, null],
    ['{"jsonrpc":"1.0","id":1,"method":"m"}', -32600, '1'],
    ['{"jsonrpc":"2.0","id":7,"method":5}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":7,"method":""}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":7}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":{},"method":"m"}', -32600, null],
    ['{"jsonrpc":"2.0","id":true,"method":"m"}', -32600, null],
    ['{"jsonrpc":"2.0","id":"\\q","method":"m"}', -32600, null],
    [`{"jsonrpc":"2.0","id":"${'x'.repeat(60)}\u0001","method":"m"}`, -32600, null],
    ['{"jsonrpc":"2\\q","id":1,"method":"m"}', -32700, null],
    ['{"jsonrpc":"2.0","id":1,"method":"m"', -32700, null],
    ['{"jsonrpc":"2.0","id":1,"method":"m"} x', -32700, null],
  ])('%s is refused with %d', (json, code, id) => {
    expect(refusal(json)).toMatchObject({code, id})
  })

  test('whatever the bytes are, they are read or refused', () => {
    const message = '{"jsonrpc":"2.0","id":"\\u0061","method":"m","params":{"a":["\\"",1e3]},"error":{},"result":null}'
    const odd = fc.constantFrom(
      '\\q',
      '\\',
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\0',
      '1',
      '"id":',
      '"jsonrpc":"\\q",',
      '\ufeff',
    )
    const edits = fc.array(fc.tuple(fc.nat({max: message.length}), fc.nat({max: 3}), odd), {minLength: 1, maxLength: 3})
    const property = fc.property(edits, (all) => {
      const text = all.reduce((now, [at, gone, put]) => now.slice(0, at) + put + now.slice(at + gone), message)
      try {
        readRpcMessage(Buffer.from(text))
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RpcInvalid)
      }
    })
    fc.assert(property, {numRuns: 5_000})
  })

  test('finds members of params._meta', () => {
    const message = read('{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken": "a b"},"z":[1]}}')
    const span = metaMember(message, 'progressToken')!
    expect(message.raw.toString('utf8', span.start, span.end)).toBe('"a b"')
    expect(metaMember(message, 'other')).toBeNull()
  })

  test.each([
    ['1', '1', true],
    ['1', '"1"', false],
    ['1.0', '1', true],
    ['"a"', '"\\u0061"', true],
    ['9007199254740993', '9007199254740992', false],
  ])('%s and %s: the same id is %s', (a, b, same) => {
    expect(sameId(a, b)).toBe(same)
  })
})
