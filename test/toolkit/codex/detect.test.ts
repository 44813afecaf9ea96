import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {resolveCodexHome} from '../../../src/toolkit/codex/codex-home.ts'
import {detectPlugin} from '../../../src/toolkit/codex/detect.ts'
import {Scratch} from './real-codex.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = new Scratch()
  mkdirSync(scratch.codexHome, {recursive: true})
})
afterEach(() => scratch.remove())

const detect = () => detectPlugin(resolveCodexHome({env: scratch.env(), cwd: scratch.folder}))

function install(marketplace: string, version: string, hint?: string): string {
  const folder = join(scratch.codexHome, 'plugins/cache', marketplace, 'tunnel-mcp', version)
  mkdirSync(join(folder, '.codex-plugin'), {recursive: true})
  writeFileSync(join(folder, '.codex-plugin/plugin.json'), '{"name":"tunnel-mcp"}')
  if (hint !== undefined) writeFileSync(join(folder, '.tunnel-client-bin'), `${hint}\n`)
  return folder
}

const enable = (...marketplaces: string[]): void =>
  writeFileSync(
    scratch.config,
    marketplaces.map((name) => `[plugins."tunnel-mcp@${name}"]\nenabled = true\n`).join('\n'),
  )

it('finds nothing in an empty home and says where it looked', async () => {
  const {plugin, enabledKeys, stale} = await detect()
  expect(plugin).toMatchObject({
    installed: false,
    key: 'tunnel-mcp@debug',
    dir: join(scratch.codexHome, 'plugins/cache/debug/tunnel-mcp/local'),
  })
  expect({enabledKeys, stale}).toEqual({enabledKeys: [], stale: []})
})

it('counts a bundle in the debug cache that is not enabled', async () => {
  const folder = install('debug', 'local')
  expect((await detect()).plugin).toMatchObject({installed: true, dir: folder})
})

it.each([
  [['0.9.0', 'v0.10.0', '0.10.0-rc.1', 'local'], 'v0.10.0'],
  [['1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-alpha'], '1.0.0-beta.11'],
])('takes the highest version of %j', async (versions, best) => {
  enable('debug')
  for (const version of versions) install('debug', version)
  expect((await detect()).plugin.version).toBe(best)
})

it('prefers an installed marketplace over debug, the last one of several', async () => {
  enable('work', 'debug', 'home', 'gone')
  for (const name of ['work', 'debug', 'home']) install(name, '1.0.0')
  const {plugin, stale, installations} = await detect()
  expect(plugin.marketplace).toBe('home')
  expect(stale).toEqual([expect.objectContaining({key: 'tunnel-mcp@gone', marketplace: 'gone'})])
  expect(installations.map(({marketplace, installed}) => [marketplace, installed])).toEqual([
    ['work', true],
    ['debug', true],
    ['home', true],
    ['gone', false],
  ])
})

it('follows the hint to the program, through links', async () => {
  enable('debug')
  writeFileSync(scratch.path('program'), '')
  symlinkSync(scratch.path('program'), scratch.path('link'))
  install('debug', 'local', scratch.path('link'))
  const {plugin, hintFound} = await detect()
  expect({hint: plugin.binary_hint, hintFound}).toEqual({hint: scratch.path('program'), hintFound: true})
})

it('reads what the reference cannot: CRLF, comments, inner blanks', async () => {
  install('debug', 'local')
  writeFileSync(scratch.config, '[ plugins."tunnel-mcp@debug" ] # ours\r\nenabled=true\r\n')
  expect((await detect()).enabledKeys).toEqual(['tunnel-mcp@debug'])
})

it('says that config.toml is broken, and in which line', async () => {
  writeFileSync(scratch.config, 'a = 1\nb = \n')
  expect((await detect()).configProblem).toMatch(/^line 2: /)
})
