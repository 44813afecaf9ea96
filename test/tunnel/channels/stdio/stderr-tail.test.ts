// What is kept of a child's stderr is masked by whoever shows it: a secret must be kept whole or not at all, or no mask fits.

import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {describe, expect, test} from 'vitest'
import {StderrTail} from '../../../../src/tunnel/channels/stdio/stderr-tail.ts'

const KEY = 'plain-key-0123456789abcdef'

const tail = (...chunks: string[]): readonly string[] => {
  const kept = new StderrTail({write: () => true})
  for (const chunk of chunks) kept.push(Buffer.from(chunk))
  return kept.lines()
}
/** No piece of the key without the rest of it. */
const isWhole = (lines: readonly string[]): boolean => {
  const rest = lines.join('\n').replaceAll(KEY, '')
  return !rest.includes(KEY.slice(0, 6)) && !rest.includes(KEY.slice(-6))
}

describe('the last words of a child', () => {
  test('are its last five lines, a last one without an end included', () => {
    expect(tail('1\n2\n', '3\n\n4\n5\n6')).toEqual(['2', '3', '4', '5', '6'])
  })

  test.each([380, 395, 399, 4070, 4090, 8000])('hold a key behind %i characters whole or not at all', (before) => {
    expect(isWhole(tail(`${'x'.repeat(before)}${KEY} after\n`))).toBe(true)
    expect(isWhole(tail('x'.repeat(before), KEY.slice(0, 9), KEY.slice(9), ' after'))).toBe(true)
  })

  test.each([1, 9, 17, 25])('hold a key whole or not at all when a flood is cut %i characters into it', (into) => {
    const behind = 'y'.repeat(20)
    for (const window of [5 * 400 * 4, 5 * 4096]) {
      const flood = `${KEY} ${'z'.repeat(window - (KEY.length - into) - 1 - behind.length - 1)}\n${behind}`
      expect(isWhole(tail(`${'x'.repeat(40_000)}${flood}`))).toBe(true)
      expect(tail(`${'x'.repeat(40_000)}${flood}`).at(-1)).toBe(behind)
    }
  })

  test('do not grow with a line that never ends', () => {
    const lines = tail(...Array.from({length: 100}, () => 'x'.repeat(10_000)))
    expect(lines.join('').length).toBeLessThan(5000)
  })
})

test.skipIf(!existsSync('/dev/full')).each(['2>/dev/full', '2>&1 >&3 | head -c 1 >/dev/null'])(
  'a stderr of ours that takes nothing does not end us: %s',
  async (redirection) => {
    const program = fileURLToPath(new URL('./loud-child.ts', import.meta.url))
    const command = `exec 3>&1; '${process.execPath}' --import tsx '${program}' ${redirection}`
    const {stdout} = await promisify(execFile)('/bin/sh', ['-c', command])
    expect(stdout).toBe('true')
  },
)
