import {execFileSync} from 'node:child_process'
import {watch} from 'node:fs'
import {chmod, chown, lchown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {readWholeFile, removeFile, writeFileAtomic} from '../../../src/foundation/platform/files.ts'
import {eventually} from '../../support/eventually.ts'
import {needs, ROOT} from '../../support/parts.ts'

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

const NOBODY = 65_534

describe.runIf(posix)('writeFileAtomic in a folder that others may write to', () => {
  beforeEach(needs(ROOT))

  it('takes over the file of another user instead of handing the content to that user', async () => {
    const path = join(dir, 'key')
    await writeFile(path, 'planted', {mode: 0o666})
    await chown(path, NOBODY, NOBODY)
    await writeFileAtomic({path, data: 'secret', mode: 0o600})
    expect(await stat(path)).toMatchObject({uid: 0, gid: 0})
    expect(await modeOf(path)).toBe(0o600)
  })

  it('refuses a folder that a link of another user leads to', async () => {
    await mkdir(join(dir, 'real'))
    await symlink(join(dir, 'real'), join(dir, 'link'))
    await writeFileAtomic({path: join(dir, 'link', 'x'), data: 'mine', mode: 0o600})
    await lchown(join(dir, 'link'), NOBODY, NOBODY)
    await symlink(join(dir, 'link'), join(dir, 'around'))
    for (const way of ['link', 'around']) {
      await expect(writeFileAtomic({path: join(dir, way, 'x'), data: 'theirs', mode: 0o600})).rejects.toMatchObject({
        code: 'TC-FILE-UNSAFE',
        message: `${join(dir, way, 'x')} lies below ${join(dir, 'link')}, a symbolic link of user ${NOBODY}`,
      })
    }
    expect(await readFile(join(dir, 'real', 'x'), 'utf8')).toBe('mine')
  })
})

describe.runIf(posix)('writeFileAtomic and what stands at the path', () => {
  it.each(['target', 'nowhere', 'folder'])('does not follow a link to %s', async (to) => {
    await writeFile(join(dir, 'target'), 'untouched')
    await mkdir(join(dir, 'folder'))
    const path = join(dir, 'link')
    await symlink(to, path)
    await expect(writeFileAtomic({path, data: 'x', mode: 0o600})).rejects.toMatchObject({
      code: 'TC-FILE-UNSAFE',
      message: `${path} is a symbolic link to ${to}; links are not followed when writing`,
      next: [`Name ${join(dir, to)} itself, or remove the link: rm ${path}`],
    })
    expect((await readdir(dir)).sort()).toEqual(['folder', 'link', 'target'])
    expect(await readFile(join(dir, 'target'), 'utf8')).toBe('untouched')
  })

  it('names a folder or a FIFO that is in the way, and does not wait', async () => {
    await mkdir(join(dir, 'folder'))
    execFileSync('mkfifo', [join(dir, 'fifo')])
    for (const [name, kind] of [
      ['folder', 'a folder'],
      ['fifo', 'a FIFO'],
    ] as const) {
      const path = join(dir, name)
      await expect(writeFileAtomic({path, data: 'x', mode: 0o600})).rejects.toThrow(
        `${path} is ${kind}, not a regular file`,
      )
    }
    expect((await readdir(dir)).sort()).toEqual(['fifo', 'folder'])
  })

  it.each([0o000, 0o077, 0o777])('gives the mode that was asked for under umask %o', async (umask) => {
    const before = process.umask(umask)
    try {
      await writeFileAtomic({path: join(dir, 'public'), data: 'x', mode: 0o644})
      await writeFileAtomic({path: join(dir, 'key'), data: 'x', mode: 0o600})
    } finally {
      process.umask(before)
    }
    expect([await modeOf(join(dir, 'public')), await modeOf(join(dir, 'key'))]).toEqual([0o644, 0o600])
  })

  it.runIf(process.platform === 'linux')('uses temporary names that cannot be guessed', async () => {
    const seen = new Set<string>()
    const watcher = watch(dir, (_, name) => seen.add(String(name)))
    const drafts = () => [...seen].filter((name) => name !== 'x')
    for (let at = 0; at < 3; at++) await writeFileAtomic({path: join(dir, 'x'), data: 'x', mode: 0o600})
    await eventually('three drafts', () => drafts().length >= 3)
    watcher.close()
    for (const name of drafts()) expect(name).toMatch(/^\.x\.[0-9a-f]{24}\.tmp$/)
  })

  it('says the path, not the name of the draft, when the folder takes no file', async () => {
    const path = join(dir, 'no', 'x')
    await expect(writeFileAtomic({path, data: 'x', mode: 0o600})).rejects.toThrow(`open '${path}'`)
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
