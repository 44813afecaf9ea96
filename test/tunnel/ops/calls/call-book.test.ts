import {describe, expect, test} from 'vitest'
import type {CallOutcomeName} from '../../../../src/tunnel/ops/api/calls.ts'
import {CallBook, type CallQuery} from '../../../../src/tunnel/ops/calls/call-book.ts'
import {openCall, tracedCall} from './calls.ts'

const query = (change: Partial<CallQuery> = {}): CallQuery => ({
  after: null,
  limit: 100,
  channel: null,
  outcomes: null,
  failure: null,
  ...change,
})

const SMALL = {good: {count: 3, bytes: 100_000}, failed: {count: 3, bytes: 100_000}}

function done(book: CallBook, ...calls: ReturnType<typeof tracedCall>[]): void {
  for (const call of calls) {
    book.started(call)
    book.finished(call)
  }
}

const ids = (book: CallBook, change: Partial<CallQuery> = {}): string[] =>
  book.page(query(change)).calls.map(({call}) => call.requestId)

describe('pages', () => {
  test('without a cursor: the newest, oldest first', () => {
    const book = new CallBook()
    done(book, tracedCall('a'), tracedCall('b'), tracedCall('c'))
    expect(ids(book, {limit: 2})).toEqual(['b', 'c'])
  })

  test('whoever follows the cursor sees each end exactly once, whatever ends in between', () => {
    const book = new CallBook()
    const slow = openCall('slow')
    book.started(slow)
    done(book, tracedCall('a'), tracedCall('b'), tracedCall('c'))
    const seen: string[] = []
    let after = 0
    let page = book.page(query({after, limit: 2}))
    seen.push(...page.calls.map(({call}) => `${call.requestId} ${call.outcome}`))
    expect(page.more).toBe(true)
    slow.outcome = 'error'
    book.finished(slow)
    while (page.more) {
      after = page.nextAfter
      page = book.page(query({after, limit: 2}))
      seen.push(...page.calls.map(({call}) => `${call.requestId} ${call.outcome}`))
    }
    expect(seen).toEqual(['slow open', 'a answered', 'b answered', 'c answered', 'slow error'])
    expect(book.page(query({after: page.nextAfter}))).toMatchObject({calls: [], more: false, gap: false})
  })

  test('a cursor with a filter moves past what was filtered out', () => {
    const book = new CallBook()
    done(book, tracedCall('a'), tracedCall('b', {channel: 'other'}), tracedCall('c'))
    const {nextAfter} = book.page(query({after: 0, channel: 'other'}))
    expect(ids(book, {after: nextAfter})).toEqual([])
  })

  test.each([
    [{channel: 'other'}, ['b']],
    [{outcomes: new Set(['error', 'expired'] as const)}, ['b', 'c']],
    [{failure: 'refused'}, ['b']],
    [{failure: 'refused', channel: 'main'}, []],
  ])('filter %o', (filter, expected) => {
    const book = new CallBook()
    done(
      book,
      tracedCall('a'),
      tracedCall('b', {channel: 'other', outcome: 'error', failure: 'refused'}),
      tracedCall('c', {outcome: 'expired'}),
    )
    expect(ids(book, filter)).toEqual(expected)
  })

  test('a cursor whose followers are forgotten, or of another run, tells of the gap', () => {
    const book = new CallBook(SMALL)
    done(book, ...'abcdef'.split('').map((id) => tracedCall(id)))
    expect(book.page(query({after: 1})).gap).toBe(true)
    const {nextAfter} = book.page(query())
    expect(book.page(query({after: nextAfter})).gap).toBe(false)
    const foreign = book.page(query({after: 1e9}))
    expect(foreign.gap).toBe(true)
    expect(foreign.calls.map(({call}) => call.requestId)).toEqual(['d', 'e', 'f'])
  })
})

test('whoever asks for failures only has missed nothing when good calls are forgotten', () => {
  const book = new CallBook(SMALL)
  done(book, ...'abcdef'.split('').map((id) => tracedCall(id)))
  const of = (...outcomes: CallOutcomeName[]) => book.page(query({after: 1, outcomes: new Set(outcomes)})).gap
  expect(of('error', 'expired')).toBe(false)
  expect(of('answered')).toBe(true)
  expect(of('open')).toBe(false)
})

describe('bounds', () => {
  test('good calls do not push out failures', () => {
    const book = new CallBook(SMALL)
    done(book, tracedCall('bad', {outcome: 'error', failure: 'refused'}))
    for (let i = 0; i < 50; i++) done(book, tracedCall(`good${i}`))
    expect(ids(book)).toEqual(['bad', 'good47', 'good48', 'good49'])
  })

  test('failures are bounded, too, and open calls are never forgotten', () => {
    const book = new CallBook(SMALL)
    book.started(openCall('open'))
    for (let i = 0; i < 50; i++) done(book, tracedCall(`bad${i}`, {outcome: 'undelivered'}))
    expect(ids(book)).toEqual(['open', 'bad47', 'bad48', 'bad49'])
  })

  test('bytes bound them where ids are long', () => {
    const book = new CallBook({...SMALL, good: {count: 1000, bytes: 100_000}})
    for (let i = 0; i < 100; i++) done(book, tracedCall(`${i}-${'x'.repeat(5_000)}`))
    const kept = ids(book)
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.length).toBeLessThan(12)
    expect(kept.at(-1)).toMatch(/^99-/)
  })

  test('one call that is larger than all the room is kept until the next', () => {
    const book = new CallBook({...SMALL, good: {count: 10, bytes: 1000}})
    done(book, tracedCall('x'.repeat(2_000)))
    expect(ids(book)).toHaveLength(1)
  })
})

describe('by id', () => {
  test.each([
    ['the request id', 'req-abc-1'],
    ['a prefix that means one', 'req-abc'],
    ['the JSON-RPC id as it was written', '"call-7"'],
    ['the JSON-RPC id without its quotes', 'call-7'],
  ])('%s', (_, id) => {
    const book = new CallBook()
    done(book, tracedCall('req-abc-1', {rpcId: '"call-7"'}), tracedCall('req-xyz-1', {rpcId: '7'}))
    expect(book.find(id)).toMatchObject({kind: 'one', call: {requestId: 'req-abc-1'}})
  })

  test('a whole request id wins over those that begin with it', () => {
    const book = new CallBook()
    done(book, tracedCall('req-1'), tracedCall('req-12'))
    expect(book.find('req-1')).toMatchObject({kind: 'one', call: {requestId: 'req-1'}})
  })

  test('what means several names them, newest first', () => {
    const book = new CallBook()
    done(book, tracedCall('req-1'), tracedCall('req-2'))
    expect(book.find('req-')).toEqual({kind: 'several', ids: ['req-2', 'req-1']})
    expect(book.find('1')).toEqual({kind: 'several', ids: ['req-2', 'req-1']})
  })

  test('an open call is found; three characters are no prefix', () => {
    const book = new CallBook()
    book.started(openCall('req-1', {rpcId: null}))
    expect(book.find('req-').kind).toBe('one')
    expect(book.find('req')).toEqual({kind: 'none'})
  })

  test('a command that came twice is the newer one', () => {
    const book = new CallBook()
    done(book, tracedCall('req-1', {outcome: 'undelivered'}), tracedCall('req-1'))
    expect(book.find('req-1')).toMatchObject({kind: 'one', call: {outcome: 'answered'}})
  })
})
