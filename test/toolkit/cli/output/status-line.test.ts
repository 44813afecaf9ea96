import {expect, test} from 'vitest'
import {createStatusLine} from '../../../../src/toolkit/cli/index.ts'

function sink(isTTY: boolean, columns = 20) {
  const written: string[] = []
  return {written, stream: {isTTY, columns, write: (text: string) => void written.push(text)}}
}

test('replaces itself, and is gone in the end', () => {
  const {written, stream} = sink(true)
  const line = createStatusLine(stream, {TERM: 'xterm'})
  line.show('one')
  line.show('one')
  line.show('two')
  line.clear()
  line.clear()
  expect(written).toEqual(['one', '\r\u001b[2K', 'two', '\r\u001b[2K'])
})

test('never wraps, because only its last part could be taken away', () => {
  const {written, stream} = sink(true, 10)
  createStatusLine(stream, {}).show('x'.repeat(50))
  expect(written).toEqual(['x'.repeat(9)])
})

test.each([
  [false, 'xterm'],
  [true, 'dumb'],
])('terminal: %s, TERM %s: nothing is written', (isTTY, TERM) => {
  const {written, stream} = sink(isTTY)
  const line = createStatusLine(stream, {TERM})
  line.show('one')
  line.clear()
  expect(written).toEqual([])
})
