import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {RUN_JS} from '../../../support/cli.ts'
import {fingerprint, Scratch} from '../real-codex.ts'
import {pluginOf} from './rig.ts'

let scratch: Scratch
let plugin: ReturnType<typeof pluginOf>
beforeEach(() => {
  scratch = new Scratch()
  plugin = pluginOf(scratch, scratch.env('none'))
})
afterEach(() => scratch.remove())

const local = (marketplace = 'debug'): string =>
  join(scratch.codexHome, 'plugins/cache', marketplace, 'tunnel-mcp/local')

function configure(text: string, mode = 0o644): void {
  mkdirSync(scratch.codexHome, {recursive: true})
  writeFileSync(scratch.config, text)
  chmodSync(scratch.config, mode)
}

const config = (): string => readFileSync(scratch.config, 'utf8')
const server = () => JSON.parse(readFileSync(join(local(), '.mcp.json'), 'utf8')).mcpServers.tunnelMcp

it('leaves the documented layout, enabled and with a hint', async () => {
  const report = await plugin.install()
  expect(report).toMatchObject({layout: 'local', plugin_dir: local(), marketplace_dir: null})
  expect(config()).toBe('[plugins."tunnel-mcp@debug"]\nenabled = true\n')
  expect(readFileSync(join(local(), '.tunnel-client-bin'), 'utf8')).toMatch(/\/bin\/run\.js\n$/)
  expect(statSync(join(local(), 'scripts/tunnel_mcp')).mode & 0o777).toBe(0o755)
  const url = expect.stringMatching(/^https:\/\//)
  expect(JSON.parse(readFileSync(join(local(), '.codex-plugin/plugin.json'), 'utf8'))).toMatchObject({
    version: '1.2.3',
    author: {name: expect.any(String), email: expect.stringMatching(/@/), url},
    homepage: url,
    repository: url,
    interface: {websiteURL: url, privacyPolicyURL: url, termsOfServiceURL: url},
  })
  expect(await plugin.status()).toMatchObject({state: 'installed', problems: [], config_untouched: true})
})

it.each([
  ['nothing', undefined, 0],
  ['an empty file', '', 0o600],
  [
    'CRLF, no final newline, group-readable',
    '# mine\r\nmodel = "x"\r\n[projects."/p"]\r\ntrust_level = "trusted"',
    0o640,
  ],
  ['blank lines at the end', 'model = "x"\n\n\n', 0o644],
])('puts back %s to the byte', async (_name, text, mode) => {
  if (text !== undefined) configure(text, mode)
  await plugin.install()
  await plugin.install()
  expect(await plugin.uninstall()).toMatchObject({was_installed: true, removed_config: true})
  expect(existsSync(scratch.config)).toBe(text !== undefined)
  if (text !== undefined) {
    expect(config()).toBe(text)
    expect(statSync(scratch.config).mode & 0o777).toBe(mode)
  }
  expect(fingerprint(scratch.home, /codex-installs\/|codex-marketplace|tunnel-mcp/)).toEqual({})
})

it('leaves no Codex home where there was none', async () => {
  await plugin.install()
  await plugin.uninstall()
  expect(existsSync(scratch.codexHome)).toBe(false)
})

it('keeps what was changed after the install, and takes out only its own', async () => {
  configure('model = "x"\n')
  await plugin.install()
  writeFileSync(scratch.config, `${config().replace('"x"', '"y"')}\n# new\n[mcp_servers.mine]\ncommand = "z"\n`)
  await plugin.uninstall()
  expect(config()).toBe('model = "y"\n\n# new\n[mcp_servers.mine]\ncommand = "z"\n')
})

it('what was changed between two installs is there after the uninstall', async () => {
  configure('a = 1\n')
  await plugin.install()
  writeFileSync(scratch.config, `b = 2\n${config()}`)
  await plugin.install()
  await plugin.uninstall()
  expect(config()).toBe('b = 2\na = 1\n')
})

it('removes what the reference installed, too', async () => {
  configure('[plugins."tunnel-mcp@debug"]\nenabled = true\n\n[z]\nk = 1\n')
  mkdirSync(join(local(), '.codex-plugin'), {recursive: true})
  writeFileSync(join(local(), '.codex-plugin/plugin.json'), '{}')
  writeFileSync(join(local(), 'server.cjs'), 'old')
  await plugin.install()
  expect(existsSync(join(local(), 'server.cjs'))).toBe(false)
  await plugin.uninstall()
  expect(config()).toBe('[z]\nk = 1\n')
  expect(existsSync(local())).toBe(false)
})

it('is a link where it was a link', async () => {
  mkdirSync(scratch.codexHome, {recursive: true})
  writeFileSync(scratch.path('dotfiles.toml'), 'a = 1\n')
  symlinkSync(scratch.path('dotfiles.toml'), scratch.config)
  await plugin.install()
  expect(readFileSync(scratch.path('dotfiles.toml'), 'utf8')).toContain('tunnel-mcp@debug')
  await plugin.uninstall()
  expect(readFileSync(scratch.path('dotfiles.toml'), 'utf8')).toBe('a = 1\n')
})

it('keeps the saved original to its owner, for as long as the plugin is there', async () => {
  configure('token = "secret"\n', 0o644)
  await plugin.install()
  const saved = Object.entries(fingerprint(scratch.dataDir, /config\.toml/))
  expect(saved).toEqual([[expect.stringMatching(/config\.toml\.original$/), expect.stringMatching(/^600 /)]])
  await plugin.uninstall()
  expect(fingerprint(scratch.dataDir, /config\.toml/)).toEqual({})
})

it('names variables, never values, and the admin key only when asked', async () => {
  mkdirSync(scratch.path('profiles'))
  mkdirSync(scratch.path('state'))
  writeFileSync(scratch.path('profiles', 'docs.yaml'), 'mcp:\n  extra_headers: ["X-Team: env:DOCS_TOKEN"]\n')
  writeFileSync(
    scratch.path('state', 'admin_profiles.yaml'),
    '{"profiles":{"a":{"admin_key":"env:OPENAI_ADMIN_KEY"},"b":{"admin_key":"env:TEAM_ADMIN_KEY"}}}',
  )
  plugin = pluginOf(scratch, {...scratch.env('none'), CONTROL_PLANE_API_KEY: 'sk-very-secret-value'})
  await plugin.install({passEnv: ['ONE', 'TWO,THREE']})
  expect(server().env_vars).toEqual(
    expect.arrayContaining([
      'CONTROL_PLANE_API_KEY',
      'DOCS_TOKEN',
      'TEAM_ADMIN_KEY',
      'ONE',
      'TWO',
      'THREE',
      'https_proxy',
      'NO_PROXY',
      'CODEX_HOME',
      'CA_BUNDLE',
    ]),
  )
  expect(server().env_vars).not.toContain('OPENAI_ADMIN_KEY')
  expect(server().env).toEqual({
    TUNNEL_CLIENT_STATE_DIR: scratch.path('state'),
    TUNNEL_CLIENT_PROFILE_DIR: scratch.path('profiles'),
  })
  const files = Object.keys(fingerprint(scratch.home)).map((path) => join(scratch.home, path))
  expect(files.filter((path) => statSync(path).isFile() && readFileSync(path, 'utf8').includes('sk-very'))).toEqual([])
  await plugin.install({passEnv: ['OPENAI_ADMIN_KEY']})
  expect(server().env_vars).toEqual(expect.arrayContaining(['OPENAI_ADMIN_KEY', 'ONE']))
})

it('starts the absolute Node and program, in a folder that no upgrade removes', async () => {
  await plugin.install()
  expect(await plugin.status()).toMatchObject({command: [process.execPath, RUN_JS, 'codex', 'mcp-server']})
  expect(server().cwd).toBe(scratch.path('state'))
  rmSync(server().cwd, {recursive: true})
  expect(await plugin.status()).toMatchObject({
    state: 'stale',
    problems: [expect.stringContaining('working folder is gone')],
  })
})

it('works in folders with blanks, quotes and hashes', async () => {
  const home = scratch.path(`it's a "home" #1`)
  plugin = pluginOf(scratch, {...scratch.env('none'), HOME: home, CODEX_HOME: join(home, 'codex home')})
  const report = await plugin.install()
  expect(existsSync(report.plugin_binary_hint_path)).toBe(true)
  expect((await plugin.status()).state).toBe('installed')
  await plugin.uninstall()
  expect(existsSync(join(home, 'codex home'))).toBe(false)
})

it.each(['.', '..', '-x', 'a/b', 'a\\b', 'a"b', ' a', 'a b', ''])(
  'refuses the marketplace name %j',
  async (marketplace) => {
    await expect(plugin.install({marketplace})).rejects.toMatchObject({code: 'TC-CLI-USAGE'})
    expect(fingerprint(scratch.home)).toEqual({})
  },
)

it('refuses a value where the name of a variable belongs, without repeating it', async () => {
  const refused = plugin.install({passEnv: ['KEY=sk-secret-value']})
  await expect(refused).rejects.toMatchObject({code: 'TC-CLI-USAGE', message: expect.not.stringContaining('sk-secret')})
})

it.each([
  ['config', '[marketplaces.debug]\nsource_type = "git"\nsource = "https://example.com/m.git"\n'],
  ['home', ''],
])('refuses a marketplace that somebody else has in the %s', async (where, text) => {
  configure(text)
  if (where === 'home') {
    mkdirSync(join(scratch.home, '.agents/plugins'), {recursive: true})
    writeFileSync(join(scratch.home, '.agents/plugins/marketplace.json'), '{"name":"debug","plugins":[]}')
  }
  const before = fingerprint(scratch.codexHome)
  await expect(plugin.install()).rejects.toMatchObject({code: 'TC-CODEX-MARKETPLACE-TAKEN'})
  expect(fingerprint(scratch.codexHome)).toEqual(before)
  expect(await plugin.install({marketplace: 'tunnels'})).toMatchObject({plugin_key: 'tunnel-mcp@tunnels'})
  await plugin.uninstall({marketplace: 'tunnels'})
  expect(config()).toBe(text)
})

it.each([
  ['no TOML', 'a = \n', /line 1/],
  ['an inline table', '[plugins]\n"tunnel-mcp@debug" = {enabled = false}\n', /not edited here/],
])('refuses a config.toml with %s and changes nothing', async (_name, text, message) => {
  configure(text)
  const before = fingerprint(scratch.codexHome)
  await expect(plugin.install()).rejects.toMatchObject({
    code: 'TC-CODEX-CONFIG',
    message: expect.stringMatching(message),
  })
  expect(fingerprint(scratch.codexHome)).toEqual(before)
  expect(readdirSync(scratch.home)).toEqual(['.codex'])
})

it('leaves no folder behind that it made for nothing', async () => {
  const codexHome = join(scratch.home, 'new', 'deep', '.codex')
  plugin = pluginOf(scratch, {...scratch.env('none'), CODEX_HOME: codexHome})
  const signal = AbortSignal.abort(new Error('interrupted'))
  await expect(plugin.install({signal})).rejects.toThrow('interrupted')
  expect(readdirSync(scratch.home)).toEqual([])
  mkdirSync(codexHome, {recursive: true})
  expect(await plugin.uninstall()).toMatchObject({was_installed: false})
  expect(readdirSync(scratch.home)).toEqual(['new'])
})

it('makes its folder anew when one that failed has just removed it', async () => {
  configure('a = \n')
  const outcomes = await Promise.allSettled(Array.from({length: 12}, () => plugin.install()))
  for (const outcome of outcomes) expect(outcome).toMatchObject({reason: {code: 'TC-CODEX-CONFIG'}})
})

it('takes everything back when a file is in the way', async () => {
  configure('a = 1\n')
  mkdirSync(join(scratch.codexHome, 'plugins/cache/debug'), {recursive: true})
  writeFileSync(join(scratch.codexHome, 'plugins/cache/debug/tunnel-mcp'), 'a file')
  const before = fingerprint(scratch.codexHome)
  await expect(plugin.install()).rejects.toMatchObject({code: 'TC-CODEX-WRITE'})
  expect(fingerprint(scratch.codexHome)).toEqual(before)
  expect(fingerprint(scratch.dataDir, /codex-installs\//)).toEqual({})
})

it('takes an install back that was interrupted', async () => {
  configure('a = 1\n')
  const before = fingerprint(scratch.codexHome)
  const signal = AbortSignal.abort(new Error('interrupted'))
  await expect(plugin.install({signal})).rejects.toThrow()
  expect(fingerprint(scratch.codexHome)).toEqual(before)
})

it('takes an install back that was killed before it was done', async () => {
  configure('a = 1\r\n', 0o640)
  await plugin.install()
  const [record] = Object.keys(fingerprint(scratch.dataDir, /record\.json$/))
  const folder = join(scratch.dataDir, record!, '..')
  // As a kill between the last write to Codex and the last to our record leaves it.
  const written = JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8'))
  const underWay = {
    config: written.installed.original,
    homeExisted: true,
    installedExisted: false,
    sourceExisted: false,
  }
  writeFileSync(join(folder, 'record.json'), JSON.stringify({...written, installed: null, underWay}))
  writeFileSync(join(folder, 'config.toml.before'), 'a = 1\r\n')
  expect(await plugin.status()).toMatchObject({state: 'interrupted'})
  expect(await plugin.uninstall()).toMatchObject({was_installed: false})
  expect(config()).toBe('a = 1\r\n')
  expect(statSync(scratch.config).mode & 0o777).toBe(0o640)
  expect(existsSync(local())).toBe(false)
})

it('tells stale paths, and what puts them right', async () => {
  const gone = mkdtempSync(scratch.path('old-'))
  const runJs = join(gone, 'run.js')
  writeFileSync(runJs, '')
  await plugin.install({program: {node: join(gone, 'node'), runJs, version: '0.0.1'}})
  rmSync(gone, {recursive: true})
  const {state, problems, next} = await plugin.status()
  expect(state).toBe('stale')
  expect(problems).toEqual([
    expect.stringMatching(`its Node is gone: ${join(gone, 'node')}; .*/node from PATH stands in`),
    `the program that it starts is gone: ${runJs}; and tunnel-client is not in PATH: the server cannot start`,
    'the plugin has version 0.0.1, this program 1.2.3',
  ])
  expect(next).toBe('tunnel-client codex plugin install')
  await plugin.install()
  expect((await plugin.status()).state).toBe('installed')
})

it('has nothing to remove where nothing is, and makes nothing', async () => {
  expect(await plugin.uninstall()).toMatchObject({was_installed: false})
  expect(fingerprint(scratch.home)).toEqual({})
})

it('lets installs at the same time wait for each other', async () => {
  configure('a = 1\n')
  await Promise.all([plugin.install(), plugin.install(), plugin.install()])
  await plugin.uninstall()
  expect(config()).toBe('a = 1\n')
})
