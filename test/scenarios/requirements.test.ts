// Every promise has its proofs: the tests that requirements.ts names are there.

import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {REQUIREMENTS} from './requirements.ts'

const textOf = (file: string): string => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')

/**
 * The names of tests, as they are written: what follows the bracket of `it(`, `test(` or an `each`, and the names of faults
 * and of cases in tables. A comment that holds the words is no proof.
 */
function namesIn(text: string): readonly string[] {
  const named =
    /(?:\b(?:it|test|deadly|harmless|heavy)(?:\.\w+)?\(|\)\(|\bname: |^\s*\[|^\s*\{name: )\s*(['"`])((?:(?!\1).)+)\1/gm
  return [...text.matchAll(named)].map(([, , name]) => name!)
}

test('ids are unique and every promise is proved for at least one transport', () => {
  const ids = REQUIREMENTS.map(({id}) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const {id, proofs} of REQUIREMENTS) {
    expect(
      Object.values(proofs).some((proof) => 'test' in proof),
      id,
    ).toBe(true)
  }
})

test.each(REQUIREMENTS)('$id: $promise', ({proofs}) => {
  for (const proof of Object.values(proofs)) {
    if ('none' in proof) expect(proof.none).not.toBe('')
    else expect(namesIn(textOf(proof.file)), proof.file).toContain(proof.test)
  }
})
