import {afterEach, expect, it} from 'vitest'
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
