import {describe, expect, test} from 'vitest'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {ReceiptBook} from '../../../../src/tunnel/channels/receipt/protocol-receipt.ts'

const book = (): ReceiptBook => new ReceiptBook({now: () => 1, wall: () => 5})
const request = (method: string, params: object = {}) =>
  readRpcMessage(Buffer.from(JSON.stringify({jsonrpc: '2.0', id: 1, method, params})))
const answer = (result: unknown): Buffer => Buffer.from(JSON.stringify({jsonrpc: '2.0', id: 1, result}))
const hello = answer({
  protocolVersion: '2025-11-25',
  capabilities: {tools: {listChanged: true}, prompts: {}, 'x-secret-thing': {token: 'abc'}},
  serverInfo: {name: 's', version: '1'},
  instructions: 'never kept',
})
const tools = (names: readonly string[], nextCursor?: string): Buffer =>
  answer({tools: names.map((name) => ({name, description: 'never kept'})), ...(nextCursor ? {nextCursor} : {})})
const list = (to: ReceiptBook, names: readonly string[], cursor?: string, next?: string): void =>
  to.answered(request('tools/list', cursor ? {cursor} : {}), tools(names, next))

describe('a receipt', () => {
  test('holds what initialize said, by known names only', () => {
    const receipts = book()
    expect(receipts.receipt()).toMatchObject({initializeEpoch: 0, initialize: null, tools: null})
    receipts.answered(request('initialize'), hello)
    const receipt = receipts.receipt()
    expect(receipt).toMatchObject({
      initializeEpoch: 1,
      initialize: {
        at: 5,
        protocolVersions: ['2025-11-25'],
        serverName: 's',
        serverVersion: '1',
        capabilities: ['prompts', 'tools'],
        limited: false,
      },
    })
    expect(JSON.stringify(receipt)).not.toMatch(/never kept|secret/)
  })

  test('belongs to one process: the next starts with nothing', () => {
    const receipts = book()
    receipts.answered(request('initialize'), hello)
    list(receipts, ['a'])
    receipts.newServer()
    expect(receipts.receipt()).toEqual({
      initializeEpoch: 0,
      discoverEpoch: 0,
      initialize: null,
      discover: null,
      tools: null,
    })
  })

  test('a new initialize counts and makes the tools unknown', () => {
    const receipts = book()
    receipts.answered(request('initialize'), hello)
    list(receipts, ['a'])
    receipts.answered(request('initialize'), hello)
    expect(receipts.receipt()).toMatchObject({initializeEpoch: 2, tools: null})
  })

  test('reads server/discover of the era without sessions', () => {
    const receipts = book()
    const info = {name: 'n', version: '2'}
    receipts.answered(
      request('server/discover'),
      answer({
        supportedVersions: ['2026-07-28', '2025-11-25', '2026-07-28'],
        capabilities: {tools: {}},
        _meta: {'io.modelcontextprotocol/serverInfo': info},
      }),
    )
    expect(receipts.receipt()).toMatchObject({
      discoverEpoch: 1,
      initializeEpoch: 0,
      discover: {protocolVersions: ['2025-11-25', '2026-07-28'], serverName: 'n', capabilities: ['tools']},
    })
  })

  test.each([
    ['garbage', Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"tools":[{]}}')],
    ['no list', answer({tools: 'none'})],
    ['nothing', answer(null)],
    [
      'too much',
      Buffer.concat([Buffer.from('{"result":{"tools":[]},"x":"'), Buffer.alloc(1 << 20, 0x61), Buffer.from('"}')]),
    ],
  ])('an answer of %s makes the list limited, never complete', (_, bytes) => {
    const receipts = book()
    receipts.answered(request('tools/list'), bytes)
    expect(receipts.receipt().tools).toMatchObject({names: [], complete: false, limited: true})
  })
})

describe('the tools', () => {
  test('are complete after an unbroken way from the first page to the last', () => {
    const receipts = book()
    list(receipts, ['b', 'a'], undefined, 'c1')
    expect(receipts.receipt().tools).toMatchObject({complete: false})
    list(receipts, ['c', 'a'], 'c1')
    expect(receipts.receipt().tools).toMatchObject({names: ['a', 'b', 'c'], complete: true, limited: false})
  })

  test('an empty list is complete, too', () => {
    const receipts = book()
    list(receipts, [])
    expect(receipts.receipt().tools).toMatchObject({names: [], complete: true})
  })

  test('are partial when the pages of two callers crossed', () => {
    const receipts = book()
    list(receipts, ['a'], undefined, 'c1')
    list(receipts, ['a'], undefined, 'd1')
    list(receipts, ['b'], 'c1')
    expect(receipts.receipt().tools).toMatchObject({names: ['a', 'b'], complete: false})
  })

  test('are not complete any more when the server says that they changed', () => {
    const receipts = book()
    list(receipts, ['a'])
    receipts.toolsChanged()
    expect(receipts.receipt().tools).toMatchObject({names: ['a'], complete: false})
  })

  test('are bounded: 256 names, 128 bytes each, 16 KiB in all', () => {
    const receipts = book()
    list(
      receipts,
      Array.from({length: 1000}, (_, n) => `tool-${n}`),
    )
    expect(receipts.receipt().tools?.names).toHaveLength(256)
    expect(receipts.receipt().tools).toMatchObject({complete: false, limited: true})
    list(receipts, ['x'.repeat(129), 'fits'])
    expect(receipts.receipt().tools).toMatchObject({names: ['fits'], limited: true})
    list(
      receipts,
      Array.from({length: 256}, (_, n) => `${n}-`.padEnd(120, '\u0001')),
    )
    expect(Buffer.byteLength(JSON.stringify(receipts.receipt().tools?.names))).toBeLessThanOrEqual(16 * 1024)
  })

  test('give up on a list without an end', () => {
    const receipts = book()
    list(receipts, ['t0'], undefined, 'c0')
    for (let page = 0; page < 100; page++) list(receipts, [`t${page + 1}`], `c${page}`, `c${page + 1}`)
    expect(receipts.receipt().tools).toMatchObject({complete: false, limited: true})
  })
})
