import {execFileSync} from 'node:child_process'
import {
  chownSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {openLogFile} from '../../../../src/foundation/platform/logging/log-file.ts'
import {eventually} from '../../../support/eventually.ts'
import {needs, ROOT} from '../../../support/parts.ts'

const NOBODY = 65_534
let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-file-'))
  path = join(folder, 'log')
})
afterEach(() => rmSync(folder, {recursive: true}))

const append = async (text: string): Promise<void> => {
  const stream = await openLogFile(path)
  await new Promise<void>((done) => stream.end(text, done))
}

describe.skipIf(process.platform === 'win32')('openLogFile', () => {
  test('creates the file for its owner only and appends to it', async () => {
    const before = process.umask(0)
    await append('one\n').finally(() => process.umask(before))
    await append('two\n')
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test.each(['target', 'nowhere'])('refuses a link to %s and names where it leads', async (to) => {
    writeFileSync(join(folder, 'target'), 'untouched')
    symlinkSync(to, path)
    await expect(openLogFile(path)).rejects.toMatchObject({
      code: 'TC-FILE-UNSAFE',
      message: `${path} is a symbolic link to ${to}; links are not followed when writing`,
    })
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('untouched')
  })

  test('does not wait for the reader of a FIFO, and writes to one that has a reader', async () => {
    execFileSync('mkfifo', [path])
    await expect(openLogFile(path)).rejects.toThrow(`${path} is a FIFO that nothing reads`)
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    await append('record\n')
    const bytes = Buffer.alloc(20)
    await eventually('the record', () => bytes.toString('utf8', 0, readSync(reader, bytes)) === 'record\n')
  })

  test('leads to another open file of this process by its descriptor', async () => {
    writeFileSync(path, '')
    const fd = openSync(path, 'a')
    const stream = await openLogFile(`/dev/fd/${fd}`)
    await new Promise<void>((done) => stream.end('record\n', done))
    expect(readFileSync(path, 'utf8')).toBe('record\n')
  })
})

describe('openLogFile and other users', () => {
  beforeEach(needs(ROOT))

  test('refuses the file of another user, unless the folder is that user’s, too', async () => {
    mkdirSync(join(folder, 'volume'))
    path = join(folder, 'volume', 'log')
    writeFileSync(path, '', {mode: 0o666})
    chownSync(path, NOBODY, NOBODY)
    await expect(openLogFile(path)).rejects.toMatchObject({
      code: 'TC-FILE-UNSAFE',
      message: `${path} belongs to user ${NOBODY}, not to this user`,
      next: [`If its content is yours: chown 0 ${path}; else remove it or choose another path`],
    })
    chownSync(join(folder, 'volume'), NOBODY, NOBODY)
    await append('record\n')
    expect(readFileSync(path, 'utf8')).toBe('record\n')
  })
})
