import fc from 'fast-check'
import {expect, test} from 'vitest'
import {BracketStack, JsonScanError, skipValue} from '../../../src/foundation/wire/index.ts'

test('what was opened closes in reverse order, at any depth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), {maxLength: 200}),
      fc.array(fc.nat({max: 60}), {maxLength: 8}),
      (opened, turns) => {
        const stack = new BracketStack()
        const model: number[] = []
        for (const closing of [...turns, opened.length]) {
          for (const brace of opened) {
            stack.push(brace)
            model.push(brace ? 0x7d : 0x5d)
          }
          for (let n = 0; n < closing; n++) expect(stack.pop()).toBe(model.pop() ?? 0)
          expect([stack.depth, stack.top]).toEqual([model.length, model.at(-1) ?? 0])
        }
      },
    ),
  )
})

test('of a text of brackets alone not many times its length is kept', () => {
  const text = Buffer.alloc(20_000_000, '[')
  const before = process.memoryUsage().heapUsed
  expect(() => skipValue(text, 0)).toThrow(JsonScanError)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024)
})
