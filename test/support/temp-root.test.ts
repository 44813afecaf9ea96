// What sweeps folders away must not take one that is not its own.

import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import * as tempRoot from './temp-root.ts'

/** A temporary folder that is the user's for one test. */
function usersFolder(): string {
  const {TMPDIR: before, HOME: home} = process.env
  const folder = mkdtempSync(join(tmpdir(), 'users-'))
  process.env.TMPDIR = folder
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    process.env.HOME = home
    rmSync(folder, {recursive: true, force: true})
  })
  return folder
}

test('what runs have left goes, also under the number that is ours now; what others have made stays', () => {
  const folder = usersFolder()
  const ours = `tct-${process.pid}`
  for (const name of [ours, 'tct-4194999', `tct-${process.ppid}`, 'tct-notes', 'tct-']) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'file'), '')
  }
  const end = tempRoot.setup()
  expect(readdirSync(folder).toSorted()).toEqual([ours, `tct-${process.ppid}`, 'tct-notes', 'tct-'].toSorted())
  expect(process.env.TMPDIR).toBe(join(folder, ours))
  expect(readdirSync(join(folder, ours))).toEqual(['home'])
  expect(process.env.HOME).toBe(join(folder, ours, 'home'))
  end()
  expect(existsSync(join(folder, ours))).toBe(false)
  expect(existsSync(join(folder, 'tct-notes', 'file'))).toBe(true)
})

test('nothing is removed after a setup that failed', () => {
  const folder = usersFolder()
  process.env.TMPDIR = join(folder, 'gone')
  expect(() => tempRoot.setup()).toThrow('ENOENT')
  // vitest would call it all the same.
  expect(Object.keys(tempRoot)).not.toContain('teardown')
})

test('tests have no home, tmux or Codex of the user', () => {
  expect(process.env.HOME).toMatch(/\/tct-\d+\/home$/)
  for (const name of ['TMUX', 'TMUX_PANE', 'CODEX_HOME', 'XDG_STATE_HOME', 'CONTROL_PLANE_API_KEY'])
    expect(process.env[name], name).toBeUndefined()
})
