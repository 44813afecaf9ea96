import {expect, it} from 'vitest'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {SessionMemory} from '../../../../src/tunnel/channels/multiplex/session-memory.ts'
import {request} from '../stdio/supervised.ts'

const subscribe = (memory: SessionMemory, uri: string): void =>
  memory.succeeded(readRpcMessage(Buffer.from(request(1, 'resources/subscribe', {uri}))))

it('does not grow with callers who subscribe and never come back: the latest subscriptions count', () => {
  const memory = new SessionMemory()
  for (let n = 0; n < 5000; n++) {
    subscribe(memory, `file:///${n}`)
    subscribe(memory, 'file:///shared')
  }
  subscribe(memory, `file:///${'x'.repeat(1_000_000)}`)
  const uris = memory.settings().map(({raw}) => JSON.parse(raw.toString()).params.uri as string)
  expect(uris).toHaveLength(1000)
  expect(uris).toContain('file:///shared')
  expect(uris).toContain('file:///4999')
  expect(Math.max(...uris.map((uri) => uri.length))).toBeLessThan(100)
})
