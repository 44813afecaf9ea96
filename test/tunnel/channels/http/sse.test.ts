import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type SseEvent, SseReader} from '../../../../src/tunnel/channels/http/sse.ts'
import {isCompleteJson} from '../../../../src/tunnel/channels/messages.ts'

interface Read {
  readonly events: {type: string; data: string}[]
  readonly lastEventId: string | null
  readonly retry: number | null
}

function read(bytes: Buffer, cuts: readonly number[] = []): Read {
  const events: Read['events'] = []
  const reader = new SseReader(({type, data}: SseEvent) => events.push({type, data: data.toString()}))
  let at = 0
  for (const cut of [...new Set(cuts.map((n) => n % (bytes.length + 1)))].toSorted((a, b) => a - b)) {
    reader.push(bytes.subarray(at, cut))
    at = cut
  }
  reader.push(bytes.subarray(at))
  reader.end(isCompleteJson)
  return {events, lastEventId: reader.lastEventId, retry: reader.retry}
}

const data = (...texts: string[]): Read['events'] => texts.map((text) => ({type: '', data: text}))

describe('as the standard says', () => {
  const cases: [string, string, Read['events']][] = [
    ['a byte order mark is dropped once', '\ufeffdata: 1\n\n\ufeffdata: 2\n\n', data('1')],
    ['LF, CR and CRLF end lines', 'data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n', data('1', '2', '3')],
    ['comments are ignored', ': hi\ndata: 1\n:\n\n', data('1')],
    ['lines of one event are joined with LF', 'data: [1,\ndata:  2]\n\n', data('[1,\n 2]')],
    ['one space after the colon is dropped, no more', 'data:1\n\ndata:  2\n\n', data('1', ' 2')],
    ['a field without a colon is no error', 'data\nfoo\ndata: 1\n\n', data('\n1')],
    ['unknown fields are ignored', 'x: y\ndata: 1\n\n', data('1')],
    ['an event without data is none', 'event: ping\n\nid: 1\n\ndata:\n\ndata: 1\n\n', data('1')],
    [
      'the type holds for one event',
      'event: a\ndata: 1\n\ndata: 2\n\n',
      [
        {type: 'a', data: '1'},
        {type: '', data: '2'},
      ],
    ],
    ['an unfinished event that is whole is delivered', 'data: 1\n\ndata: {"a":1}', data('1', '{"a":1}')],
    ['an unfinished event that is not whole is dropped', 'data: 1\n\ndata: {"a":', data('1')],
  ]
  it.each(cases)('%s', (_name, text, expected) => {
    expect(read(Buffer.from(text)).events).toEqual(expected)
  })

  it('knows the id of the last finished event, and the retry time', () => {
    expect(read(Buffer.from('id: 1\ndata: x\n\nid: 2\n\nretry: 30\nretry: 3x\nid: 3'))).toMatchObject({
      lastEventId: '2',
      retry: 30,
    })
    expect(read(Buffer.from('id: 1\n\nid: a\0b\n\n')).lastEventId).toBe('1')
    expect(read(Buffer.from('id: 1\n\nid\n\n')).lastEventId).toBe(null)
  })
})

const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r',
    '\r\n',
    ':',
    'data',
    'data: ',
    'event: message',
    'id: 7',
    'retry: 5',
    '\ufeff',
    'é€😀',
    '\0',
  ),
  fc.json(),
  fc.string({unit: 'binary'}),
)
const stream = fc.array(piece, {maxLength: 40}).map((parts) => Buffer.from(parts.join('')))

/** The algorithm of the HTML standard, written down on text as it stands there. */
function byTheBook(bytes: Buffer): Read {
  const events: Read['events'] = []
  let [lastEventId, retry, id, type, lines] = [null, null, null, '', []] as unknown as [
    string | null,
    number | null,
    string | null,
    string,
    string[],
  ]
  const dispatch = (): void => {
    if (id !== null) lastEventId = id === '' ? null : id
    const joined = lines.join('\n')
    if (joined !== '') events.push({type, data: joined})
    lines = []
    type = ''
  }
  const all = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
  const unfinished = all.pop()!
  for (const line of unfinished === '' ? all : [...all, unfinished]) {
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!
    if (line === '') dispatch()
    else if (field === 'data') lines.push(value ?? '')
    else if (field === 'event') type = value ?? ''
    else if (field === 'id' && !value?.includes('\0')) id = value ?? ''
    else if (field === 'retry' && /^\d+$/.test(value ?? '')) retry = Number(value)
  }
  // Here it differs: an unfinished event counts when it is whole.
  if (lines.length > 0 && isCompleteJson(Buffer.from(lines.join('\n')))) dispatch()
  return {events, lastEventId, retry}
}

it('reads what the standard reads, whatever comes', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      expect(read(bytes)).toEqual(byTheBook(bytes))
    }),
    {numRuns: 1000},
  )
})

it('gives the same events however the stream is cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), {maxLength: 30}), (bytes, cuts) => {
      expect(read(bytes, cuts)).toEqual(read(bytes))
    }),
    {numRuns: 500},
  )
})

it('reads one event of many megabytes, in small pieces, in time that grows with its size', () => {
  const reader = new SseReader(({data: bytes}) => sizes.push(bytes.length))
  const sizes: number[] = []
  const chunk = Buffer.alloc(1024, 'x')
  reader.push(Buffer.from('data: '))
  for (let i = 0; i < 20_000; i++) reader.push(chunk)
  reader.push(Buffer.from('\n\n'))
  expect(sizes).toEqual([20_000 * 1024])
})

it('joins an event of very many lines, and holds no more than a small multiple of it', () => {
  const read: Buffer[] = []
  const reader = new SseReader(({data: bytes}) => read.push(bytes))
  const lines = Buffer.from('data: x\n'.repeat(10_000))
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 200; i++) reader.push(lines)
  expect(process.memoryUsage.rss() - before).toBeLessThan(110 * 1024 * 1024)
  reader.push(Buffer.from('\n'))
  expect(read).toHaveLength(1)
  expect(read[0]!.equals(Buffer.from(`${'x\n'.repeat(1_999_999)}x`))).toBe(true)
})

it('counts what it holds, lines without a byte in them too', () => {
  const reader = new SseReader(() => {})
  reader.push(Buffer.from(`${'data:\n'.repeat(1000)}data: abc`))
  expect(reader.heldBytes).toBe(999 + 'data: abc'.length)
  reader.push(Buffer.from('\n\n'))
  expect(reader.heldBytes).toBe(0)
})
