// `~` where no configuration row reads the path: flags of commands and variables of Codex and of the state root.

import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {resolveCodexHome, resolveDataDir} from '../../src/toolkit/codex/codex-home.ts'
import {resolveStateRoot} from '../../src/toolkit/runtimes/state-root.ts'
import {ROOT} from '../laws/sources.ts'
import {cli} from '../support/cli.ts'

const cwd = '/work'
const env = {HOME: '/home/ada'}

it('is expanded in CODEX_HOME, XDG folders and the state root', () => {
  expect(resolveCodexHome({env: {...env, CODEX_HOME: '~/x'}, cwd}).path).toBe('/home/ada/x')
  expect(resolveCodexHome({env, cwd, codexHome: '~/.codex'}).path).toBe('/home/ada/.codex')
  expect(resolveDataDir({env: {...env, XDG_DATA_HOME: '~/data'}, cwd})).toBe('/home/ada/data/tunnel-client')
  expect(resolveStateRoot({env: {...env, TUNNEL_CLIENT_STATE_DIR: '~/state'}, cwd}).path).toBe('/home/ada/state')
  expect(resolveStateRoot({env: {...env, XDG_STATE_HOME: '~/xdg'}, cwd}).path).toBe('/home/ada/xdg/tunnel-client')
  expect(() => resolveCodexHome({env: {...env, CODEX_HOME: '~ada/x'}, cwd})).toThrow('only ~ and ~/ are understood')
})

it('is expanded in every flag that takes a path', async () => {
  const files = readdirSync(join(ROOT, 'commands'), {recursive: true, encoding: 'utf8'}).filter((file) =>
    /ts$/.test(file),
  )
  const own = files.filter((file) => readFileSync(join(ROOT, 'commands', file), 'utf8').includes("helpValue: '<path>'"))
  expect(own, 'use pathFlag of the cli room').toEqual([])
  const health = cli(['health', '--url-file=~/no-such.url', '--json'], {env: {HOME: '/nonexistent'}})
  await health.exited
  expect(health.stdout()).toContain('open /nonexistent/no-such.url')
  const refused = cli(['health', '--pid-file', '~ada/pid'], {})
  expect(await refused.exited).toMatchObject({status: 1})
  expect(refused.stderr()).toContain('cannot expand "~ada/pid": only ~ and ~/ are understood')
})
