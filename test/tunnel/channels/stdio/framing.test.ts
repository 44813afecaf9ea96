import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {expect, it} from 'vitest'
import {overlongAnswerId} from '../../../../src/tunnel/channels/messages.ts'
import {LineReader} from '../../../../src/tunnel/channels/stdio/framing.ts'
import {eventually} from '../../../support/eventually.ts'

/** What a reader with a limit of 1000 bytes tells of `text`, given in pieces of `step` bytes. */
function read(text: string, step: number): unknown[] {
  const told: unknown[] = []
  const listener = {
    line: (bytes: Buffer) => told.push(bytes.toString()),
    overlong: (line: {head: Buffer; tail: Buffer | null}) => told.push(overlongAnswerId(line)),
  }
  const reader = new LineReader(listener, 1000)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step))
  reader.end()
  return told
}

const LONG = `"${'x'.repeat(1000)}"`

it.each([
  ['before it', `{"jsonrpc":"2.0","id":7,"result":${LONG}}`, [7, null]],
  ['after it, as the official SDK writes', `{"result":{"a":${LONG}},"jsonrpc":"2.0","id":7}`, [null, 7]],
  ['after it, the other way round', `{"jsonrpc": "2.0", "error": [${LONG}], "id": 7, "jsonrpc": "2.0" }\r`, [null, 7]],
  ['inside it', `{"result":{"a":${LONG},"id":7}}`, [null, null]],
  ['inside its text', `{"result":{"a":${LONG}},"b":"\\",\\"id\\":7}`, [null, null]],
  ['of a request', `{"method":"m","params":{"a":${LONG}},"jsonrpc":"2.0","id":7}`, [null, null]],
  ['nowhere', LONG, [null, null]],
])('tells whom a line answers that is too long: its id %s', (_where, text, told) => {
  for (const step of [1, 3, 64, 256, 999, 5000]) {
    expect(read(`{"a":1}\n${text}\n{"b":2}\n`, step), `pieces of ${step}`).toEqual(['{"a":1}', ...told, '{"b":2}'])
  }
})

it('says the same of one that its end of the stream cuts', () => {
  expect(read(`{"jsonrpc":"2.0","id":7,"result":${LONG}`, 64)).toEqual([7, null])
})

it('puts a line of many pieces together, byte for byte, and gives its memory back to the system', async () => {
  const megabytes = (): number => process.memoryUsage.rss() / 1024 / 1024
  const piece = (n: number): Buffer => Buffer.alloc(65_536, n % 200 === 10 ? 11 : n % 200)
  const before = megabytes()
  const lines: Buffer[] = []
  const reader = new LineReader({line: (line) => lines.push(line), overlong: () => {}}, 300 * 1024 * 1024)
  for (const pieces of [200, 5000]) {
    for (let n = 0; n < pieces; n++) reader.push(piece(n))
    reader.push(Buffer.from('\n'))
  }
  expect(lines.map(({length}) => length)).toEqual([200 * 65_536])
  for (let n = 0; n < 200; n++) expect(lines[0]!.subarray(n * 65_536, (n + 1) * 65_536).equals(piece(n))).toBe(true)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await eventually('the memory', () => {
    collect()
    return megabytes() - before < 150
  })
})
