import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {writePidFile, writeTokenFile, writeUrlFile} from '../../../src/tunnel/ops/index.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-files-'))
})
afterEach(() => rmSync(folder, {recursive: true}))
const mode = (path: string): number => statSync(path).mode & 0o777

describe('files of a run', () => {
  test('the URL file: no newline, 0600, folders made, nothing beside it', async () => {
    const path = join(folder, 'a', 'b', 'health.url')
    const file = await writeUrlFile(path, 'http://127.0.0.1:1')
    expect(readFileSync(path, 'utf8')).toBe('http://127.0.0.1:1')
    expect(mode(path)).toBe(0o600)
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['health.url'])
    await file.remove()
    await file.remove()
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual([])
  })

  test('the token file stands beside it, for its owner only; it may come first', async () => {
    const {path} = await writeTokenFile(join(folder, 'a', 'health.url'), 'abc')
    expect(path).toBe(join(folder, 'a', 'health.url.token'))
    expect([mode(path), mode(join(folder, 'a'))]).toEqual([0o600, 0o755])
  })

  test('an old URL file that everybody could read is replaced by one that nobody else can', async () => {
    const path = join(folder, 'health.url')
    writeFileSync(path, 'old', {mode: 0o644})
    await writeUrlFile(path, 'new')
    expect([readFileSync(path, 'utf8'), mode(path)]).toEqual(['new', 0o600])
  })

  test('the PID file: decimal, newline, 0644; its folder has to exist', async () => {
    const path = join(folder, 'pid')
    await writePidFile(path, 4711)
    expect(readFileSync(path, 'utf8')).toBe('4711\n')
    expect(mode(path)).toBe(0o644)
    await expect(writePidFile(join(folder, 'no', 'pid'), 1)).rejects.toMatchObject({
      code: 'TC-DAEMON-START',
      message: expect.stringContaining(`write pid file ${join(folder, 'no', 'pid')}: `),
    })
  })

  test.skipIf(!existsSync('/dev/full'))('a full disk is named, and half a PID file does not stay', async () => {
    await expect(writePidFile('/dev/full', 1)).rejects.toMatchObject({
      code: 'TC-DAEMON-START',
      message: expect.stringContaining('ENOSPC'),
      next: ['Make room on that file system'],
    })
    expect(existsSync('/dev/full')).toBe(true)
    const path = join(folder, 'pid')
    const module = fileURLToPath(new URL('../../../src/tunnel/ops/run-files.ts', import.meta.url))
    const script = `
      const {writePidFile} = await import(${JSON.stringify(module)})
      process.stdout.write(await writePidFile(${JSON.stringify(path)}, 4711).then(() => 'written', ({message}) => message))`
    // A file size of nothing is the full disk that one can have without being root.
    const command = `trap '' XFSZ; ulimit -f 0; exec '${process.execPath}' --import tsx --input-type=module -e "$1"`
    const {stdout} = spawnSync('/bin/sh', ['-c', command, 'sh', script], {encoding: 'utf8'})
    expect(stdout).toContain(`write pid file ${path}: EFBIG`)
    expect(existsSync(path)).toBe(false)
  })

  test('what another daemon wrote to the same path is not ours to remove', async () => {
    const path = join(folder, 'pid')
    const file = await writePidFile(path, 1)
    writeFileSync(path, '2\n')
    await file.remove()
    expect(readFileSync(path, 'utf8')).toBe('2\n')
  })

  test('a URL file that cannot be written says which step failed', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(writeUrlFile(join(folder, 'file', 'x', 'url'), 'u')).rejects.toThrow(
      `create health URL file dir ${join(folder, 'file', 'x')}: `,
    )
  })
})
