import {expect, test} from 'vitest'
import {createLogBuffer} from '../../../src/tunnel/ops/index.ts'

const record = (message: string) => ({time: 0, level: 'INFO', message, attrs: {}})
const said = (buffer: ReturnType<typeof createLogBuffer>, limit: number) =>
  buffer.newest(limit).map(({seq, record: {message}}) => `${seq}:${message}`)

test('keeps the newest records, oldest first, with rising numbers', () => {
  const buffer = createLogBuffer(3)
  expect(said(buffer, 10)).toEqual([])
  for (const message of ['a', 'b']) buffer.push(record(message))
  expect(said(buffer, 10)).toEqual(['1:a', '2:b'])
  for (const message of ['c', 'd', 'e']) buffer.push(record(message))
  expect(said(buffer, 10)).toEqual(['3:c', '4:d', '5:e'])
  expect(said(buffer, 2)).toEqual(['4:d', '5:e'])
  expect(said(buffer, 0)).toEqual([])
})

test('those who watch hear of new records until they stop', () => {
  const buffer = createLogBuffer(1)
  const heard: string[] = []
  buffer.push(record('before'))
  const stop = buffer.watch((event) => heard.push(event.record.message))
  buffer.push(record('during'))
  stop()
  buffer.push(record('after'))
  expect(heard).toEqual(['during'])
})
