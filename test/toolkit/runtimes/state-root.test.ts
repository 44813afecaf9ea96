import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {resolveStateRoot} from '../../../src/toolkit/runtimes/index.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'state-root-'))
})
afterEach(() => rmSync(home, {recursive: true}))

const root = (env: Record<string, string>): string =>
  resolveStateRoot({env: {HOME: home, ...env}, cwd: '/somewhere'}).path

test('the home, then XDG, then an explicit folder', () => {
  const system = process.platform === 'darwin' ? 'Library/Application Support' : '.local/state'
  expect(root({})).toBe(join(home, system, 'tunnel-client'))
  expect(root({XDG_STATE_HOME: '/xdg/'})).toBe('/xdg/tunnel-client')
  expect(root({XDG_STATE_HOME: '/xdg', TUNNEL_CLIENT_STATE_DIR: ' /my/state/ '})).toBe('/my/state')
  expect(root({TUNNEL_CLIENT_STATE_DIR: 'here'})).toBe('/somewhere/here')
})

test('legacy folders that exist outrank XDG, as both programs must see the same runtimes', () => {
  mkdirSync(join(home, '.tunnel-client'))
  expect(root({XDG_STATE_HOME: '/xdg'})).toBe(join(home, '.tunnel-client'))
  mkdirSync(join(home, '.codex', 'tunnel-mcp'), {recursive: true})
  expect(root({XDG_STATE_HOME: '/xdg'})).toBe(join(home, '.codex', 'tunnel-mcp'))
  mkdirSync(join(home, 'codex', 'tunnel-mcp'), {recursive: true})
  expect(root({CODEX_HOME: join(home, 'codex')})).toBe(join(home, 'codex', 'tunnel-mcp'))
  expect(root({TUNNEL_CLIENT_STATE_DIR: '/my/state'})).toBe('/my/state')
})
