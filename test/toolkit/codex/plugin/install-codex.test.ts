import {chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {needs} from '../../../support/parts.ts'
import {CODEX, fingerprint, Scratch} from '../real-codex.ts'
import {pluginOf} from './rig.ts'

let scratch: Scratch
let plugin: ReturnType<typeof pluginOf>
beforeEach(needs(CODEX))
beforeEach(() => {
  scratch = new Scratch()
  plugin = pluginOf(scratch, scratch.env('real'))
})
afterEach(() => scratch?.remove())

const config = (): string => readFileSync(scratch.config, 'utf8')

function configure(text: string, mode: number): void {
  mkdirSync(scratch.codexHome, {recursive: true})
  writeFileSync(scratch.config, text)
  chmodSync(scratch.config, mode)
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const {status, stdout} = await scratch.codex([...args, '--json'])
  expect(status).toBe(0)
  return JSON.parse(stdout)
}

it('Codex lists the plugin and its server, from our folder, and forgets both', async () => {
  const original = '# mine\r\nmodel = "gpt-5"\r\n[projects."/p"]\r\ntrust_level = "trusted"'
  configure(original, 0o640)
  const report = await plugin.install()
  const source = join(scratch.dataDir, 'codex-marketplace/debug')
  expect(report).toMatchObject({layout: 'codex', marketplace_dir: source})
  expect(await json('plugin', 'list')).toMatchObject({
    installed: [{pluginId: 'tunnel-mcp@debug', enabled: true, version: '1.2.3', marketplaceSource: {source}}],
  })
  expect(await json('mcp', 'list')).toMatchObject([
    {name: 'tunnelMcp', enabled: true, transport: {command: '/bin/sh', cwd: scratch.path('state')}},
  ])
  expect(await plugin.status()).toMatchObject({state: 'installed', layout: 'codex', problems: []})
  await plugin.uninstall()
  expect(config()).toBe(original)
  expect(statSync(scratch.config).mode & 0o777).toBe(0o640)
  expect(existsSync(source)).toBe(false)
  expect(await json('plugin', 'list')).toMatchObject({installed: []})
  expect(await json('mcp', 'list')).toEqual([])
})

it('installing again changes nothing', async () => {
  configure('model = "gpt-5"\n', 0o600)
  await plugin.install()
  const before = fingerprint(scratch.codexHome, /config\.toml|plugins\//)
  await plugin.install()
  expect(fingerprint(scratch.codexHome, /config\.toml|plugins\//)).toEqual(before)
})

it('leaves no file where there was no Codex home', async () => {
  await plugin.install()
  await plugin.uninstall()
  expect(existsSync(scratch.config)).toBe(false)
  expect(fingerprint(scratch.codexHome, /plugins/)).toEqual({})
})

it('takes over what was installed without Codex', async () => {
  await pluginOf(scratch, scratch.env('none')).install()
  expect(await plugin.install()).toMatchObject({layout: 'codex'})
  expect(existsSync(join(scratch.codexHome, 'plugins/cache/debug/tunnel-mcp/local'))).toBe(false)
  await plugin.uninstall()
  expect(existsSync(scratch.config)).toBe(false)
})

it('does not replace the marketplace of somebody else', async () => {
  const theirs = scratch.path('theirs')
  mkdirSync(join(theirs, '.agents/plugins'), {recursive: true})
  writeFileSync(join(theirs, '.agents/plugins/marketplace.json'), '{"name":"debug","plugins":[]}')
  mkdirSync(scratch.codexHome, {recursive: true})
  await json('plugin', 'marketplace', 'add', theirs)
  const before = fingerprint(scratch.codexHome, /config\.toml|plugins/)
  await expect(plugin.install()).rejects.toMatchObject({
    code: 'TC-CODEX-MARKETPLACE-TAKEN',
    message: expect.stringContaining(theirs),
  })
  expect(fingerprint(scratch.codexHome, /config\.toml|plugins/)).toEqual(before)
  await plugin.install({marketplace: 'tunnels'})
  await plugin.uninstall({marketplace: 'tunnels'})
  expect(fingerprint(scratch.codexHome, /config\.toml/)).toEqual(
    Object.fromEntries(Object.entries(before).filter(([path]) => path === 'config.toml')),
  )
})

it('keeps what was changed after the install', async () => {
  configure('model = "gpt-5"\n', 0o600)
  await plugin.install()
  await scratch.codex(['mcp', 'add', 'mine', '--', 'true'])
  await plugin.uninstall()
  expect(config()).toContain('[mcp_servers.mine]')
  expect(config()).not.toMatch(/tunnel-mcp|marketplaces/)
})

it('says in one line what Codex minds, and takes everything back', async () => {
  configure('model = "gpt-5"\n[marketplaces.other]\nsource_type = "local"\nsource = "/nowhere/at/all"\n', 0o644)
  const before = fingerprint(scratch.codexHome)
  await expect(plugin.install()).rejects.toMatchObject({
    code: 'TC-CODEX-REFUSED',
    message: expect.stringMatching(/^codex plugin [^\n]*\/nowhere\/at\/all[^\n]*$/),
  })
  expect(fingerprint(scratch.codexHome, /^config\.toml|plugins/)).toEqual(before)
  expect(existsSync(join(scratch.dataDir, 'codex-marketplace'))).toBe(false)
})

it.each(['install', 'uninstall'] as const)('%s repairs a Codex whose marketplace folder is gone', async (verb) => {
  configure('model = "gpt-5"\n', 0o644)
  await plugin.install()
  rmSync(join(scratch.dataDir, 'codex-marketplace'), {recursive: true})
  expect((await scratch.codex(['plugin', 'list'])).status).toBe(1)
  expect(await plugin.status()).toMatchObject({state: 'stale', problems: [expect.stringContaining('is gone')]})
  await plugin[verb]()
  expect(await json('plugin', 'list')).toMatchObject({installed: verb === 'install' ? [{name: 'tunnel-mcp'}] : []})
  if (verb === 'uninstall') expect(config()).toBe('model = "gpt-5"\n')
})

it.each(['install', 'uninstall'] as const)('%s repairs it after XDG_DATA_HOME has changed', async (verb) => {
  configure('model = "gpt-5"\n', 0o644)
  await plugin.install()
  rmSync(scratch.dataDir, {recursive: true})
  plugin = pluginOf(scratch, {...scratch.env('real'), XDG_DATA_HOME: scratch.path('data')})
  const status = await plugin.status()
  expect(status).toMatchObject({state: 'stale', problems: [expect.stringContaining('of our marketplace is gone')]})
  await plugin[verb]()
  expect(await json('plugin', 'list')).toMatchObject({installed: verb === 'install' ? [{name: 'tunnel-mcp'}] : []})
  if (verb === 'install') expect(await plugin.status()).toMatchObject({state: 'installed', problems: []})
  else expect(config()).toBe('model = "gpt-5"\n')
})

it.each([
  ['a table', '\n[features]\nplugins = false\n', 3],
  ['a dotted key', 'features.plugins = false\n', 1],
  ['an inline table', '# mine\nfeatures = {plugins = false}\n', 2],
])('says where Codex has plugins switched off: %s', async (_name, text, line) => {
  await plugin.install()
  const installed = config()
  writeFileSync(scratch.config, `${text}${installed}`)
  const off = expect.stringContaining(
    `Codex has plugins switched off: features.plugins = false (${scratch.config} line ${line})`,
  )
  expect(await plugin.status()).toMatchObject({
    state: 'stale',
    problems: [off],
    next: `Change false to true in line ${line} of ${scratch.config}`,
  })
  await expect(plugin.install()).rejects.toMatchObject({code: 'TC-CODEX-SWITCHED-OFF', message: off})
  await plugin.uninstall()
  expect(config().trim()).toBe(text.trim())
  await expect(plugin.install()).rejects.toMatchObject({code: 'TC-CODEX-SWITCHED-OFF', message: off})
  expect(config().trim()).toBe(text.trim())
  writeFileSync(scratch.config, config().replace('false', 'true'))
  await plugin.install()
  expect(await plugin.status()).toMatchObject({state: 'installed', problems: []})
})

it('says that the server of the plugin is switched off, or replaced', async () => {
  await plugin.install()
  const installed = config()
  writeFileSync(scratch.config, `${installed}\n[plugins."tunnel-mcp@debug".mcp_servers.tunnelMcp]\nenabled = false\n`)
  expect(await json('mcp', 'list')).toMatchObject([{enabled: false}])
  expect(await plugin.status()).toMatchObject({
    state: 'stale',
    problems: [
      expect.stringMatching(/server of tunnel-mcp switched off: .*enabled = false \(.*config\.toml line \d+\)/),
    ],
  })
  writeFileSync(scratch.config, `${installed}\n[mcp_servers.tunnelMcp]\ncommand = "true"\n`)
  expect(await plugin.status()).toMatchObject({
    state: 'stale',
    problems: [expect.stringMatching(/^\[mcp_servers\.tunnelMcp\] in .* replaces the plugin's server$/)],
  })
})
