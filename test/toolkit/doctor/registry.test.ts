// The registry and the folder of checks are the same set, and no check can be written without a reason and advice.

import {readdir} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {type Check, LADDER} from '../../../src/toolkit/doctor/check.ts'
import {CHECKS} from '../../../src/toolkit/doctor/registry.ts'

const FOLDER = fileURLToPath(new URL('../../../src/toolkit/doctor/checks', import.meta.url))

const files = (await readdir(FOLDER, {recursive: true})).filter((name) => name.endsWith('.ts')).toSorted()
const exported = await Promise.all(
  files.map(async (name) => ({
    name,
    checks: Object.values((await import(join(FOLDER, name))) as Record<string, Check>),
  })),
)

test('every file holds checks, and every check is registered once', () => {
  expect(exported.filter(({checks}) => checks.length === 0)).toEqual([])
  const found = exported.flatMap(({checks}) => checks)
  expect(new Set(found)).toEqual(new Set(CHECKS))
  expect(CHECKS).toHaveLength(found.length)
})

test('ids are unique and name their file', () => {
  const ids = CHECKS.map(({id}) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const {name, checks} of exported) {
    const [only] = checks
    if (checks.length === 1) expect(only?.id.replaceAll('_', '-')).toBe(basename(name, '.ts'))
  }
})

test.each(CHECKS.map((check) => [check.id, check] as const))('%s says what, why and what next', (_id, check) => {
  expect(check.title).not.toBe('')
  expect(check.why).not.toBe('')
  expect(check.next.filter((line) => line.trim() !== '')).not.toEqual([])
  if (check.rung !== null) expect(LADDER).toContain(check.rung)
})
