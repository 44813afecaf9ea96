import {describe, expect, test} from 'vitest'
import {canonicalHeader, headerBytes, responseHeaders, withHeader} from '../../../../src/foundation/wire/index.ts'

describe('headers on the way back', () => {
  test('only the allowed ones, canonically spelled, repeated ones apart', () => {
    const upstream = [
      ...['content-type', 'text/event-stream', 'MCP-SESSION-ID', 's', 'set-cookie', 'secret=1', 'server', 'x'],
      ...['www-authenticate', 'Basic', 'WWW-Authenticate', 'Bearer', 'last-event-id', '7', 'mcp-protocol-version', ''],
    ]
    expect(responseHeaders(upstream)).toEqual([
      ...['Content-Type', 'text/event-stream', 'Mcp-Session-Id', 's'],
      ...['Www-Authenticate', 'Basic', 'Www-Authenticate', 'Bearer', 'Last-Event-Id', '7'],
    ])
  })

  test('what Connection nominates is gone, wherever Connection stands', () => {
    expect(
      responseHeaders(['Mcp-Session-Id', 's', 'Content-Type', 'a/b', 'Connection', 'close, MCP-session-id']),
    ).toEqual(['Content-Type', 'a/b'])
  })

  test.each([
    ['mcp-session-id', 'Mcp-Session-Id'],
    ['WWW-AUTHENTICATE', 'Www-Authenticate'],
    ['x--a', 'X--A'],
    ['Mcp-Session-Id', 'Mcp-Session-Id'],
    ['MCp-Session-Id', 'Mcp-Session-Id'],
    ['x-B2-c', 'X-B2-C'],
    ['not a token', 'not a token'],
  ])('%s is spelled %s', (name, canonical) => {
    expect(canonicalHeader(name)).toBe(canonical)
  })

  test('withHeader replaces all values by one, in place', () => {
    expect(withHeader(['a', '1', 'B', '2', 'A', '3'], 'A', 'x')).toEqual(['A', 'x', 'B', '2'])
    expect(withHeader([], 'A', 'x')).toEqual(['A', 'x'])
  })
})

test('values leave as their UTF-8 bytes, and control characters never', () => {
  expect(headerBytes('plain \t~')).toBe('plain \t~')
  expect(headerBytes('漢')).toBe(Buffer.from('漢').toString('latin1'))
  for (const value of ['a\r\nb', '\0', '\x7f', '漢\n']) expect(headerBytes(value)).toBeNull()
})
