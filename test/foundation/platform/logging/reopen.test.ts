import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {createLogWriter} from '../../../../src/foundation/platform/index.ts'
import {fileOutput} from '../../../../src/foundation/platform/logging/output.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reopen-test-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

test('files that are renamed and reopened while records are written hold every record once, in order', async () => {
  const file = join(folder, 'log')
  const output = await fileOutput(file)
  let next = 0
  const write = (count: number): void => {
    for (let i = 0; i < count; i++) expect(output.write(`${next++}\n`)).toBe(true)
  }
  for (let round = 0; round < 20; round++) {
    write(500)
    renameSync(file, join(folder, `log.${round}`))
    const reopened = [output.reopen(), output.reopen()]
    write(500)
    await reopened[0]
    expect(existsSync(file)).toBe(true)
    write(10)
    await reopened[1]
  }
  await output.close()
  const names = [...Array.from({length: 20}, (_, round) => `log.${round}`), 'log']
  const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  expect(lines.filter((line) => line !== '').map(Number)).toEqual(Array.from({length: next}, (_, i) => i))
})

test('a file that cannot be opened again stays the old one, and the log says so', async () => {
  const file = join(folder, 'log')
  const writer = await createLogWriter({level: 'info', format: 'json', file, attrs: {}})
  renameSync(file, `${file}.1`)
  mkdirSync(file)
  await writer.reopen()
  writer.logger.info('still here')
  await writer.close()
  const said = readFileSync(`${file}.1`, 'utf8')
  expect(said).toContain('log file could not be opened again')
  expect(said).toContain('still here')
})
