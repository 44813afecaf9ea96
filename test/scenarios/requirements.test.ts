// Every promise has its proofs: the tests that requirements.ts names are there.

import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {REQUIREMENTS} from './requirements.ts'

const textOf = (file: string): string => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')

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
    else expect(textOf(proof.file), proof.file).toContain(proof.test)
  }
})
