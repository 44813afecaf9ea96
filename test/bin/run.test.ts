import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {ROOT} from '../laws/sources.ts'
import {cleanEnv, RUN_JS, runCli} from '../support/cli.ts'

const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {version: string}
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunnel-bin-'))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

it.each([[['--version']], [['-v']]])('%j prints the bare version', async (args) => {
  expect(await runCli(args)).toEqual({status: 0, stdout: `${version}\n`, stderr: ''})
})

it('has the version as JSON', async () => {
  const {stdout} = await runCli(['--version', '--json'])
  expect(JSON.parse(stdout)).toEqual({schema_version: 1, version, node: process.version})
})

it('says at the root what it is for, where to go and which commands there are', async () => {
  const {status, stdout} = await runCli([])
  expect(status).toBe(0)
  for (const text of [
    'private MCP server',
    '/healthz',
    '/readyz',
    '/ui',
    'https://platform.openai.com/settings/organization/tunnels',
    'https://platform.openai.com/settings/organization/api-keys',
    'https://platform.openai.com/settings/organization/admin-keys',
    'https://chatgpt.com/#settings/Connectors',
  ])
    expect(stdout).toContain(text)
  expect(stdout).toMatch(/^ {2}run {3,}/m)
  expect(stdout).not.toMatch(/--control-plane|sessions/)
  expect((await runCli(['--help'])).stdout).toBe(stdout)
})

it('keeps the layout of run --help', async () => {
  const {stdout} = await runCli(['run', '--help'])
  expect(stdout.split('\n').slice(0, 2)).toEqual([`run version ${version}`, 'Usage of run:'])
  for (const name of ['TUNNEL_CLIENT_PROFILE', 'TUNNEL_CLIENT_PROFILE_FILE', 'XDG_CONFIG_HOME', 'MCP_EXTRA_HEADERS'])
    expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  expect(stdout).not.toContain('Commands:')
})

it('prints the same help from the build as from the program', async () => {
  const quick = await runCli(['health', '--help'])
  const slow = await runCli(['health', '--json', '--help'])
  expect(slow).toEqual(quick)
})

it('shows the help of a group without a command, and of a command through help', async () => {
  expect(await runCli(['dev'])).toEqual(await runCli(['dev', '--help']))
  expect(await runCli(['help', 'health'])).toEqual(await runCli(['health', '--help']))
})

it('draws help for a narrow terminal', () => {
  const script = `stty cols 60 2>/dev/null; exec "${process.execPath}" "${RUN_JS}" health --help`
  const {stdout, error} = spawnSync('script', ['-qec', script, '/dev/null'], {encoding: 'utf8', env: cleanEnv()})
  if (error) return
  const widest = Math.max(
    ...stdout
      .split(/\r?\n/)
      .filter((line) => !/^ {2}\S|\$ /.test(line))
      .map((line) => line.length),
  )
  expect(widest).toBeLessThanOrEqual(60)
})

it('runs through a link, as npm installs it', () => {
  const link = join(folder, 'tunnel-client')
  symlinkSync(RUN_JS, link)
  expect(execFileSync(link, ['--version'], {encoding: 'utf8'})).toBe(`${version}\n`)
  expect(execFileSync(link, ['--json', '--version'], {encoding: 'utf8'})).toContain(version)
})

it('does not mind a reader that leaves', () => {
  for (const args of ['--help', 'run --help', 'health --json --help']) {
    const {stderr} = spawnSync('sh', ['-c', `"${process.execPath}" "${RUN_JS}" ${args} | true`], {encoding: 'utf8'})
    expect(stderr).toBe('')
  }
})

it('is executable', () => {
  expect(statSync(RUN_JS).mode & 0o111).toBe(0o111)
})

it('loads no plugin that lies in the data folder of the user', async () => {
  const data = join(folder, 'data', 'tunnel-client')
  const plugin = join(data, 'node_modules', 'evil')
  mkdirSync(join(plugin, 'commands'), {recursive: true})
  writeFileSync(
    join(data, 'package.json'),
    JSON.stringify({name: 'user', oclif: {schema: 1, plugins: [{name: 'evil', type: 'user', tag: 'latest'}]}}),
  )
  writeFileSync(
    join(plugin, 'package.json'),
    JSON.stringify({name: 'evil', version: '1.0.0', files: ['commands'], oclif: {commands: './commands', bin: 'evil'}}),
  )
  writeFileSync(join(plugin, 'commands', 'evil.js'), 'exports.default = class { static async run() {} }')
  const {status, stderr} = await runCli(['evil'], {env: {XDG_DATA_HOME: join(folder, 'data')}})
  expect(status).toBe(1)
  expect(stderr).toMatch(/^unknown command "evil" for "tunnel-client"[^\n]*\n$/)
})

it('does not call it a success when a program stops in the middle', () => {
  const root = join(folder, 'stuck')
  for (const name of ['bin', 'dist']) mkdirSync(join(root, name), {recursive: true})
  for (const name of ['bin/package.json', 'bin/run.js']) writeFileSync(join(root, name), readFileSync(join(ROOT, name)))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(root, 'dist/main.js'), 'export const runCli = () => new Promise(() => {})')
  const {status} = spawnSync(process.execPath, [join(root, 'bin/run.js'), 'health'], {env: cleanEnv()})
  expect(status).toBe(13)
})

/** A user that no list of the system names, as containers have them; only root can become one, and Node may lie in root's home. */
const NAMELESS = {uid: 61_234, gid: 61_234, encoding: 'utf8'} as const
const canBeNameless =
  process.getuid?.() === 0 && spawnSync(process.execPath, ['--check', RUN_JS], NAMELESS).status === 0

it.skipIf(!canBeNameless)('works for a user without a name, a shell or a home', () => {
  const env = {PATH: process.env.PATH}
  const listed = spawnSync(process.execPath, [RUN_JS, 'profiles', 'list', '--profile-dir', '/nowhere'], {
    ...NAMELESS,
    env,
  })
  expect(listed).toMatchObject({status: 0, stdout: 'No profiles found in /nowhere\n', stderr: ''})
  const refused = spawnSync(process.execPath, [RUN_JS, 'run'], {...NAMELESS, env})
  expect(refused).toMatchObject({status: 1, stderr: expect.stringContaining('TC-CONFIG-TUNNEL-ID-MISSING')})
})
