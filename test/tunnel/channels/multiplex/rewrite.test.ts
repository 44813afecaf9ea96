import fc from 'fast-check'
import {expect, it} from 'vitest'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {requestDown} from '../../../../src/tunnel/channels/multiplex/rewrite.ts'

const json = fc.jsonValue({depthSize: 'small'})
const space = fc.constantFrom('', ' ', '\t', '\r\n', '  \n')
const token = fc.oneof(
  fc.bigInt().map(String),
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom('1.0', '1e3', '-0'),
)

it('changes the id and the progress token, and no other byte but line breaks', () => {
  fc.assert(
    fc.property(token, token, json, space, fc.boolean(), (id, progress, value, gap, inMeta) => {
      const make = (i: string, p: string): string => {
        const meta = inMeta ? `"_meta":{${gap}"x":${id},"progressToken"${gap}:${gap}${p}},` : ''
        return `{"jsonrpc":"2.0",${gap}"id":${gap}${i}${gap},"method":"m","params":{${meta}"v":${JSON.stringify(value)}${gap}}}`
      }
      const sent = make(id, progress)
      const expected = make('77', '77').replaceAll(/[\r\n]/g, ' ')
      const down = requestDown(readRpcMessage(Buffer.from(sent)), 77).toString()
      expect(down).toBe(expected)
    }),
  )
})

it('finds keys that are spelled with escapes', () => {
  const message = String.raw`{"jsonrpc":"2.0","\u0069d":1,"method":"m","p\u0061rams":{"_m\u0065ta":{"progress\u0054oken":2}}}`
  expect(requestDown(readRpcMessage(Buffer.from(message)), 9).toString()).toBe(
    String.raw`{"jsonrpc":"2.0","\u0069d":9,"method":"m","p\u0061rams":{"_m\u0065ta":{"progress\u0054oken":9}}}`,
  )
})
