import {expect, test} from 'vitest'
import {releases} from '../../../src/foundation/platform/index.ts'

test('closes in reverse order, once, all of it, and reports what failed', async () => {
  const order: string[] = []
  const undo = releases()
  undo.add('first', () => void order.push('first'))
  undo.add('second', () => {
    order.push('second')
    throw new Error('stuck')
  })
  undo.add('third', async () => void order.push('third'))
  await expect(undo.release()).rejects.toThrow('second: stuck')
  await expect(undo.release()).rejects.toThrow('second: stuck')
  expect(order).toEqual(['third', 'second', 'first'])
})

test('what comes too late is closed at once: a start that was given up leaves nothing', async () => {
  const undo = releases()
  await undo.release()
  await new Promise<void>((resolve) => undo.add('late', resolve))
})

test('who releases again waits for what came too late', async () => {
  const undo = releases()
  await undo.release()
  let closed = false
  undo.add('late', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    closed = true
  })
  await undo.release()
  expect(closed).toBe(true)
})
