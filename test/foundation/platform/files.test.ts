import {chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {readWholeFile, removeFile, writeFileAtomic} from '../../../src/foundation/platform/files.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'files-'))
})
afterEach(async () => {
  await rm(dir, {recursive: true, force: true})
})
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
const posix = process.platform !== 'win32'

describe('writeFileAtomic', () => {
  it('writes the bytes with the mode and leaves nothing beside the file', async () => {
    const path = join(dir, 'key')
    await writeFileAtomic({path, data: 'one', mode: 0o600})
    await writeFileAtomic({path, data: new Uint8Array([0, 255]), mode: 0o600})
    expect(await readFile(path)).toEqual(Buffer.from([0, 255]))
    expect(await readdir(dir)).toEqual(['key'])
    if (posix) expect(await modeOf(path)).toBe(0o600)
  })

  it.runIf(posix)('narrows and widens the mode of a file that exists', async () => {
    const path = join(dir, 'key')
    await writeFile(path, 'old')
    await chmod(path, 0o644)
    await writeFileAtomic({path, data: 'x', mode: 0o600})
    expect(await modeOf(path)).toBe(0o600)
    await writeFileAtomic({path, data: 'x', mode: 0o644})
    expect(await modeOf(path)).toBe(0o644)
  })

  it('creates missing folders only when asked to', async () => {
    const path = join(dir, 'a', 'b', 'url')
    await expect(writeFileAtomic({path, data: '', mode: 0o600})).rejects.toMatchObject({code: 'ENOENT'})
    await writeFileAtomic({path, data: 'x', mode: 0o600, parentMode: 0o755})
    expect(await readFile(path, 'utf8')).toBe('x')
    if (posix) expect(await modeOf(join(dir, 'a'))).toBe(0o755)
  })
})

describe('readWholeFile', () => {
  it('reads', async () => {
    await writeFile(join(dir, 'x'), 'y')
    expect(await readWholeFile(join(dir, 'x'))).toEqual({ok: true, data: Buffer.from('y')})
  })

  it('words what is wrong as scripts know it', async () => {
    const missing = join(dir, 'nope')
    expect(await readWholeFile(missing)).toEqual({ok: false, problem: `open ${missing}: no such file or directory`})
    expect(await readWholeFile(dir)).toEqual({ok: false, problem: `read ${dir}: is a directory`})
    await writeFile(join(dir, 'plain'), '')
    const below = join(dir, 'plain', 'x')
    expect(await readWholeFile(below)).toEqual({ok: false, problem: `open ${below}: not a directory`})
    expect(await readWholeFile('a\0b')).toMatchObject({ok: false})
  })
})

describe('removeFile', () => {
  it('removes a file, and accepts that there is none', async () => {
    const path = join(dir, 'x')
    await writeFile(path, '')
    await removeFile(path)
    await removeFile(path)
    expect(await readdir(dir)).toEqual([])
  })

  it('does not remove folders', async () => {
    await mkdir(join(dir, 'sub'))
    await expect(removeFile(join(dir, 'sub'))).rejects.toThrow()
  })
})

it.runIf(process.platform === 'linux')(
  'a folder that cannot hold others is an error, not an endless wait',
  async () => {
    await expect(
      writeFileAtomic({path: '/proc/nowhere/deeper/file', data: '', mode: 0o600, parentMode: 0o755}),
    ).rejects.toMatchObject({code: 'ENOENT'})
  },
)
