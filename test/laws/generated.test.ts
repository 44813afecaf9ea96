import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {ERRORS, FAILURES, type FailureClass, failureCode} from '../../src/foundation/errors/index.ts'
import {ROOT, sourcesIn} from './sources.ts'

const headings = (page: string, level: string): string[] =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(new RegExp(`^${level} (TC-.*)$`, 'gm'))].map(([, code]) => code!)

it('has fresh generated files', () => {
  const {stdout, stderr, status} = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/generated.ts', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(stdout + stderr, 'Run: npm run docs').toBe('')
  expect(status).toBe(0)
}, 180_000)

it('documents every error code and no other', () => {
  expect(headings('docs/errors.md', '##')).toEqual(Object.keys(ERRORS).sort())
})

it('documents every failure class and no other', () => {
  const codes = (Object.keys(FAILURES) as FailureClass[]).map(failureCode)
  expect(new Set(codes).size, 'two classes share a code').toBe(codes.length)
  expect(headings('docs/failures.md', '###').sort()).toEqual(codes.toSorted())
})

it('throws every code of the catalogue somewhere, and no other', () => {
  const house = sourcesIn('src', 'commands').filter(({path}) => !path.includes('errors/catalogue'))
  const used = new Set(
    house.flatMap(({text}) => text.match(/'TC(-[A-Z0-9]+)+'/g) ?? []).map((code) => code.slice(1, -1)),
  )
  expect(
    Object.keys(ERRORS).filter((code) => !used.has(code)),
    'Codes that nothing throws',
  ).toEqual([])
  const failures = new Set((Object.keys(FAILURES) as FailureClass[]).map(failureCode))
  expect(
    [...used].filter((code) => code.split('-').length > 2 && !(code in ERRORS) && !failures.has(code)),
    'Codes that are in no catalogue',
  ).toEqual([])
})
