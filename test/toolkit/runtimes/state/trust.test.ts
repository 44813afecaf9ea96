import {chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {appendHistory} from '../../../../src/toolkit/runtimes/state/history.ts'
import {changeState, readStateFile} from '../../../../src/toolkit/runtimes/state/state-file.ts'
import {type StateRoot, stateRootAt} from '../../../../src/toolkit/runtimes/state-root.ts'
import {needs, ROOT} from '../../../support/parts.ts'

const NOBODY = 65_534
let folder = ''
let root: StateRoot
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-trust-'))
  root = stateRootAt(join(folder, 'state'))
  mkdirSync(root.path)
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const write = () => changeState(root, (state) => state.write(root.aliasesFile, {a: {}}))

describe('links below the state root', () => {
  it.each(['aliasesFile', 'logsFolder', 'healthFolder', 'locksFolder'] as const)('%s is refused', async (what) => {
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), root[what])
    await expect(write()).rejects.toThrow(
      `${root[what]} is a symbolic link to ${join(folder, 'elsewhere')}; links are not followed when writing`,
    )
  })

  it('history.md is not written through one', async () => {
    writeFileSync(join(folder, 'other'), 'untouched')
    symlinkSync(join(folder, 'other'), root.historyFile)
    await appendHistory(root, {action: 'create', alias: 'a', tunnelId: ''})
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('untouched')
  })

  it('the state root itself may be one, and so may a folder above it', async () => {
    symlinkSync(root.path, join(folder, 'link'))
    root = stateRootAt(join(folder, 'link'))
    await write()
    expect(await readStateFile(root.aliasesFile)).toEqual({a: {}})
  })
})

describe('state of another user', () => {
  beforeEach(needs(ROOT))

  it('is neither read nor written when that user owns the state root', async () => {
    await write()
    chownSync(root.path, NOBODY, NOBODY)
    const refusal = {
      message: expect.stringContaining(`state root: ${root.path} belongs to user ${NOBODY}, not to this user`),
      next: ['Run the command as the owner of that folder, or choose another one with TUNNEL_CLIENT_STATE_DIR'],
    }
    await expect(write()).rejects.toMatchObject(refusal)
    await expect(readStateFile(root.aliasesFile)).rejects.toMatchObject(refusal)
  })

  it('is not trusted when that user owns a file in it', async () => {
    await write()
    chownSync(root.aliasesFile, NOBODY, NOBODY)
    await expect(readStateFile(root.aliasesFile)).rejects.toMatchObject({
      code: 'TC-STATE-FILE',
      message: expect.stringContaining(`${root.aliasesFile} belongs to user ${NOBODY}, not to this user`),
      next: [expect.stringContaining(`chown 0 ${root.aliasesFile}`)],
    })
  })
})
