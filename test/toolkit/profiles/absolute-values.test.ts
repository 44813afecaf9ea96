import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {
  absoluteCommand,
  absoluteReference,
  addProfile,
  initBlocks,
  initProfile,
} from '../../../src/toolkit/profiles/index.ts'
import {ROOT} from '../../laws/sources.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'absolute-'))
  mkdirSync(join(cwd, 'a b'))
  mkdirSync(join(cwd, '@scope', 'package'), {recursive: true})
  for (const name of ['server.mjs', 'key', 'start', 'conf.json', join('a b', 'it’s.py')])
    writeFileSync(join(cwd, name), 'x')
})
afterEach(() => rmSync(cwd, {recursive: true, force: true}))

describe('a command to save', () => {
  it.each([
    ['node server.mjs', 'node CWD/server.mjs'],
    [
      'node --enable-source-maps ./server.mjs --config=conf.json',
      'node --enable-source-maps CWD/server.mjs --config=CWD/conf.json',
    ],
    ['./start serve', 'CWD/start serve'],
    ['bash start', 'bash CWD/start'],
    ["python3 'a b/it’s.py'", "python3 'CWD/a b/it’s.py'"],
    ['npx -y @scope/package ./ .', 'npx -y @scope/package CWD CWD'],
  ])('%s names its files by absolute paths', (given, wanted) => {
    const {text, notes} = absoluteCommand(given, {cwd, env: {}})
    expect(text).toBe(wanted.replaceAll('CWD', cwd))
    expect(notes.length).toBeGreaterThan(0)
  })

  it.each(['npm start', 'npx -y @scope/package', 'node no-such.mjs', 'start', 'env:MCP_COMMAND', 'node "unfinished'])(
    '%s stays as it is',
    (given) => {
      expect(absoluteCommand(given, {cwd, env: {}})).toEqual({text: given, notes: []})
    },
  )

  it('expands ~/, because no shell does', () => {
    expect(absoluteCommand('node ~/server.mjs', {cwd: '/', env: {HOME: cwd}}).text).toBe(`node ${cwd}/server.mjs`)
    expect(absoluteReference('file:~/key', {cwd: '/', env: {HOME: cwd}}).text).toBe(`file:${cwd}/key`)
  })
})

describe('a profile that was saved in one folder', () => {
  const env = () => ({PATH: process.env.PATH, HOME: cwd})
  const common = () => ({
    templates: join(ROOT, 'templates'),
    env: env(),
    cwd,
    profileDir: join(cwd, 'profiles'),
    force: true,
  })

  it('holds absolute paths when init made it, and init says so', async () => {
    const result = await initProfile({
      ...common(),
      tunnelId: `tunnel_${'0'.repeat(32)}`,
      apiKeyRef: 'file:key',
      mcpCommand: 'node server.mjs',
    })
    const text = readFileSync(result.path, 'utf8')
    expect(text).toContain(`"file:${cwd}/key"`)
    expect(text).toContain(`"node ${cwd}/server.mjs"`)
    const notes = [`key is saved as ${cwd}/key`, `server.mjs is saved as ${cwd}/server.mjs`]
    expect(result.notes).toEqual(notes)
    for (const one of notes) expect(JSON.stringify(initBlocks(result))).toContain(`Note: ${one}`)
  })

  it('holds absolute paths when a file was added, and nothing else of the file changes', async () => {
    const given = `# mine\ncontrol_plane:\n  tunnel_id: tunnel_${'0'.repeat(32)}\n  api_key: file:key # here\nmcp:\n  commands:\n    - command: 'node server.mjs'\n`
    writeFileSync(join(cwd, 'tunnel.yaml'), given)
    const {path, notes} = await addProfile({...common(), name: 'work', fromFile: 'tunnel.yaml'})
    const wanted = given
      .replace('file:key', `"file:${cwd}/key"`)
      .replace("'node server.mjs'", `"node ${cwd}/server.mjs"`)
    expect(readFileSync(path, 'utf8')).toBe(wanted)
    expect(notes).toHaveLength(2)
  })

  it('begins at the folder of the added file where the paths lead nowhere else', async () => {
    const text = `control_plane: {tunnel_id: tunnel_${'0'.repeat(32)}, api_key: 'file:key'}\nmcp: {server_urls: [{url: 'http://127.0.0.1:9'}]}\n`
    mkdirSync(join(cwd, 'empty'))
    writeFileSync(join(cwd, 'tunnel.yaml'), text)
    const {path} = await addProfile({...common(), cwd: join(cwd, 'empty'), name: 'work', fromFile: '../tunnel.yaml'})
    expect(readFileSync(path, 'utf8')).toContain(`"file:${cwd}/key"`)
  })
})
