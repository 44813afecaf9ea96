import {afterEach, expect, it, vi} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import {processHost} from '../../../src/toolkit/cli/host.ts'

const {columns} = process.stdout
afterEach(() => {
  process.stdout.columns = columns
})

it('takes a width of 0 for an unknown one, so that nobody reads one word a line', () => {
  process.stdout.columns = 0
  expect(processHost().stdout.columns).toBeUndefined()
  process.stdout.columns = 120
  expect(processHost().stdout.columns).toBe(120)
})

it.each(['stdout', 'stderr'] as const)('redacts secrets on %s, unless showing one is the purpose', (name) => {
  new Secret('sink-canary-0123')
  const written = vi.spyOn(process[name], 'write').mockReturnValue(true)
  const sink = processHost()[name]
  sink.write('{"key":"sink-canary-0123"}')
  sink.write('sink-canary-0123', {secrets: 'show'})
  const texts = written.mock.calls.map(([text]) => text)
  written.mockRestore()
  expect(texts).toEqual(['{"key":"[REDACTED]"}', 'sink-canary-0123'])
})
