import {expect, test} from 'vitest'
import {markedStderr} from '../../../../src/tunnel/channels/stdio/marked-stderr.ts'

function written(...chunks: readonly (string | Buffer)[]): string {
  let out = ''
  const sink = markedStderr({write: (chunk: Buffer) => (out += chunk.toString('utf8'))}, 'main')
  for (const chunk of chunks) sink.write(Buffer.from(chunk as string))
  sink.flush?.()
  return out
}

test('marks each line with its channel, however the chunks are cut', () => {
  expect(written('one\r\ntw', 'o\n', 'last')).toBe('[mcp main] one\n[mcp main] two\n[mcp main] last\n')
  const euro = Buffer.from('€\n')
  expect(written(euro.subarray(0, 1), euro.subarray(1))).toBe('[mcp main] €\n')
})

test('lets no line look like a record of ours, and nothing steer the terminal', () => {
  const forged = written(
    'x\n2026/12/01 00:00:00 INFO ready\r2026/12/01 INFO ready\u001b]52;c;aGk=\u0007\u001b[2J\u009b1m\u202e\n',
  )
  for (const line of forged.trimEnd().split('\n')) expect(line).toMatch(/^\[mcp main\] /)
  expect(forged.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(forged).toContain('\\x1b]52;c;aGk=\\x07')
})

test('loses nothing of a long line', () => {
  const out = written('x'.repeat(40_000))
  expect(out.match(/x/g)).toHaveLength(40_000)
  for (const line of out.trimEnd().split('\n')) expect(line.length).toBeLessThan(17_000)
})
