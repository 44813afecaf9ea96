import {describe, expect, test} from 'vitest'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {idLabel, label, toolOf} from '../../../../src/tunnel/relay/trace/labels.ts'

const tool = (params: string, method = 'tools/call'): string | null =>
  toolOf(readRpcMessage(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`)))

describe('the name of a tool', () => {
  test.each([
    ['{"name":"search"}', 'search'],
    ['{"arguments":{"name":"inner"},"name":"outer"}', 'outer'],
    ['{"\\u006eame":"escaped"}', 'escaped'],
    ['{"name":"caf\\u00e9"}', 'café'],
    ['{"name":"first","name":"last"}', 'last'],
    ['{"name":7}', null],
    ['{"arguments":{}}', null],
    ['[]', null],
    ['null', null],
    ['{"name":"bad \\x escape"}', null],
  ])('%s', (params, expected) => {
    expect(tool(params)).toBe(expected)
  })

  test('of other methods: none', () => {
    expect(tool('{"name":"a"}', 'prompts/get')).toBeNull()
  })

  test('a long one is cut, whatever its characters are', () => {
    for (const char of ['a', 'é', '😀', '\\u0041']) {
      const cut = tool(`{"name":"${char.repeat(5_000)}"}`)!
      expect(cut.length).toBeLessThanOrEqual(129)
      expect(cut).toMatch(/…$/)
    }
  })
})

describe('labels', () => {
  test('control characters and those that turn text around are masked', () => {
    expect(label('a\u001b[31mb\r\nc\u0085d\u202ee')).toBe('a?[31mb??c?d?e')
  })

  test('short ones stay as they are', () => {
    expect(label('tools/call')).toBe('tools/call')
    expect(idLabel('"a-b-c"')).toBe('"a-b-c"')
  })

  test('ids are cut at 64 characters', () => {
    expect(idLabel('1'.repeat(1_000))).toHaveLength(64)
  })
})
