import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {writeNewFile} from '../../../../src/foundation/platform/index.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-new-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

it('makes the file with its mode, the folders with theirs, and leaves nothing else', async () => {
  const path = join(folder, 'a', 'b', 'file')
  await writeNewFile({path, data: 'text', mode: 0o600, parentMode: 0o700})
  expect(readFileSync(path, 'utf8')).toBe('text')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file'])
})

it.each([
  ['a file', (path: string) => writeFileSync(path, 'old')],
  ['a link that leads nowhere', (path: string) => symlinkSync('/nonexistent', path)],
])('never replaces %s', async (_, put) => {
  const path = join(folder, 'file')
  put(path)
  await expect(writeNewFile({path, data: 'new', mode: 0o600})).rejects.toMatchObject({code: 'EEXIST'})
  expect(readdirSync(folder)).toEqual(['file'])
})

it('lets one of many writers win, whole', async () => {
  const path = join(folder, 'file')
  const texts = Array.from({length: 20}, (_, at) => `${at}`.repeat(5000))
  const results = await Promise.allSettled(texts.map((data) => writeNewFile({path, data, mode: 0o600})))
  expect(results.filter(({status}) => status === 'fulfilled')).toHaveLength(1)
  expect(texts).toContain(readFileSync(path, 'utf8'))
  expect(readdirSync(folder)).toEqual(['file'])
})
