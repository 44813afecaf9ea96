import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {encodeResponse, memberOf, type ResponseParts} from '../../../../src/foundation/wire/index.ts'
import {spacedJson} from '../../../support/spaced-json.ts'

const encode = (parts: Partial<ResponseParts>): Buffer =>
  Buffer.concat(
    encodeResponse({
      requestId: 'r1',
      channel: 'main',
      payload: null,
      headers: [],
      status: 200,
      type: 'jsonrpc_response',
      ...parts,
    }),
  )

describe('the body of an answer', () => {
  test('is the public contract, members in order', () => {
    const payload = Buffer.from('{"jsonrpc":"2.0","id":9007199254740993,"result":{ "a" : 1.0 }}')
    const headers = ['Mcp-Session-Id', 's', 'Content-Type', 'application/json']
    expect(encode({payload, headers}).toString()).toBe(
      '{"request_id":"r1","channel":"main","resp_json":{"jsonrpc":"2.0","id":9007199254740993,"result":{ "a" : 1.0 }},' +
        '"resp_headers":{"Content-Type":["application/json"],"Mcp-Session-Id":["s"]},"resp_code":200,"resp_type":"jsonrpc_response"}',
    )
  })

  test('has no resp_json and no resp_headers when there are none', () => {
    expect(encode({type: 'notify_ack', status: 202}).toString()).toBe(
      '{"request_id":"r1","channel":"main","resp_code":202,"resp_type":"notify_ack"}',
    )
  })

  test.each([
    [100, 100],
    [599, 599],
    [600, 502],
    [999, 502],
    [99, 502],
    [0, 502],
  ])('of status %d says %d: a service takes no other, and the answer would be lost', (status, said) => {
    expect(JSON.parse(encode({status}).toString())).toMatchObject({resp_code: said})
  })

  test('holds the very bytes of the payload, small or large, and stays JSON', () => {
    fc.assert(
      fc.property(spacedJson, fc.constantFrom(0, 100_000), fc.string(), (json, padding, requestId) => {
        const payload = Buffer.from(`{"pad":"${'x'.repeat(padding)}","v":${json}}`)
        const body = encode({payload, requestId})
        expect(JSON.parse(body.toString())).toMatchObject({request_id: requestId, resp_code: 200})
        const span = memberOf(body, {start: 0, end: body.length}, 'resp_json')!
        expect(body.subarray(span.start, span.end).equals(payload)).toBe(true)
      }),
      {numRuns: 200},
    )
  })

  test('raw line breaks between tokens, as event streams have them, are left alone', () => {
    const payload = Buffer.from('{"jsonrpc":"2.0",\n"id":1,\r\n"result":{}}')
    expect(encode({payload}).includes(payload)).toBe(true)
  })

  test('a large payload is not copied', () => {
    const payload = Buffer.from(JSON.stringify('y'.repeat(70_000)))
    const parts = encodeResponse({
      requestId: 'r',
      channel: 'main',
      payload,
      headers: [],
      status: 200,
      type: 'jsonrpc_response',
    })
    expect(parts[1]).toBe(payload)
  })
})
