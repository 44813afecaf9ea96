import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {RUN_JS, runCli} from '../support/cli.ts'
import {fingerprint, Scratch} from '../toolkit/codex/real-codex.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = new Scratch()
})
afterEach(() => scratch.remove())

const run = (...args: string[]) => runCli(args, {env: scratch.env('none'), cwd: scratch.folder})

describe('codex install | upgrade | uninstall', () => {
  it.each([
    ['install', 'npm install -g @openai/codex'],
    ['upgrade', 'npm i -g @openai/codex@latest'],
    ['uninstall', 'npm uninstall -g @openai/codex'],
  ])('%s prints commands and runs none', async (action, command) => {
    const {status, stdout} = await run('codex', action)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Preferred on this host: (npm|homebrew)$/m)
    expect(stdout).toContain(command)
    expect(stdout).toContain('Docs: https://developers.openai.com/codex/cli')
    const {stdout: json} = await run('codex', action, '--json')
    expect(JSON.parse(json)).toMatchObject({action, methods: [{name: 'homebrew'}, {name: 'npm'}]})
    expect(fingerprint(scratch.home)).toEqual({})
  })
})

describe('codex status and diagnose', () => {
  it('end with 0 and make nothing on an empty machine', async () => {
    const status = await run('codex', 'status', '--json')
    expect(status.status).toBe(0)
    expect(JSON.parse(status.stdout)).toMatchObject({schema_version: 1, state: 'missing', detected: false})
    const diagnosis = await run('codex', 'diagnose', 'nobody', '--json')
    expect(diagnosis.status).toBe(0)
    expect(JSON.parse(diagnosis.stdout)).toMatchObject({
      resolved_tunnel_client_binary: RUN_JS,
      resolved_tunnel_client_source: 'current_process',
      state_root: join(scratch.home, '.local/state/tunnel-client'),
      profile_dir: join(scratch.home, '.config/tunnel-client'),
      runtime_status_error: expect.stringContaining('alias nobody is not known'),
      codex_bridge: {state: 'missing'},
    })
    expect(fingerprint(scratch.home)).toEqual({})
  })

  it('diagnose probes a daemon that it is told of', async () => {
    const {stdout} = await run('codex', 'diagnose', '--health-url', 'http://127.0.0.1:9', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      current_health_url: 'http://127.0.0.1:9',
      health_probe: {base_url: 'http://127.0.0.1:9', healthz: {ok: false}, readyz: {ok: false}},
    })
    expect((await run('codex', 'diagnose')).stdout).toMatch(
      /^Tunnel MCP diagnose:\n(.*\n)+\nCodex bridge:\n {2}State: missing\n/,
    )
  })

  it('status shows the plugin in the words of the reference once Codex is there', async () => {
    await run('codex', 'plugin', 'install')
    const bin = scratch.path('bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'codex'), '#!/bin/sh\nexit 1\n', {mode: 0o755})
    writeFileSync(join(scratch.codexHome, 'plugins/cache/debug/tunnel-mcp/local/.tunnel-client-bin'), '/elsewhere\n')
    const {stdout} = await runCli(['codex', 'status'], {env: scratch.env({folder: bin}), cwd: scratch.folder})
    expect(stdout).toContain('Tunnel MCP plugin:\n  Status: installed')
    expect(stdout).toContain('Matches current tunnel-client: false')
    expect(stdout).toContain('Reinstall plugin to use this binary: tunnel-client codex plugin install')
    expect(stdout).toContain('app-server: unavailable')
  })
})

describe('codex plugin', () => {
  it('installs, tells its state, and uninstalls', async () => {
    expect(await run('codex', 'plugin', 'status')).toMatchObject({status: 2})
    const installed = await run('codex', 'plugin', 'install')
    expect(installed.status).toBe(0)
    expect(installed.stdout).toMatch(
      /^Installed tunnel-mcp into .*\nUpdated Codex config .*\nPersisted binary hint .*\nNext:\n/,
    )
    expect(installed.stdout).toContain('start a new Codex session')
    const status = await run('codex', 'plugin', 'status', '--json')
    expect({...JSON.parse(status.stdout), exit: status.status}).toMatchObject({state: 'installed', exit: 0})
    const removed = await run('codex', 'plugin', 'uninstall')
    expect(removed.stdout).toMatch(
      /^Removed on-disk tunnel-mcp plugin bundle from .*\nRemoved on-disk Codex config section from /,
    )
    const nothing = await run('codex', 'plugin', 'uninstall')
    expect(nothing).toMatchObject({status: 0, stdout: `Tunnel MCP plugin is not installed in ${scratch.codexHome}\n`})
    expect(existsSync(scratch.codexHome)).toBe(false)
  })

  it('exports a bundle whose scripts lead back to this program', async () => {
    expect(await run('codex', 'plugin', 'export')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^--dir is required/),
    })
    const dir = scratch.path('a bundle')
    mkdirSync(dir)
    writeFileSync(join(dir, 'mine.txt'), 'kept')
    const {stdout, status} = await run('codex', 'plugin', 'export', '--dir', 'a bundle')
    expect({status, stdout}).toEqual({
      status: 0,
      stdout: expect.stringContaining(`Exported embedded Codex plugin bundle to ${dir}\n`),
    })
    expect(readFileSync(join(dir, 'mine.txt'), 'utf8')).toBe('kept')
    expect(readFileSync(join(dir, '.tunnel-client-bin'), 'utf8')).toBe(`${RUN_JS}\n`)
    expect(statSync(join(dir, 'scripts/install_plugin.sh')).mode & 0o777).toBe(0o755)
  })

  it('the old names work and are not shown', async () => {
    const {status, stdout} = await run('plugin', 'codex', 'install', '--json')
    expect({status, ...JSON.parse(stdout)}).toMatchObject({status: 0, plugin_key: 'tunnel-mcp@debug'})
    expect((await run('plugin', 'codex', 'uninstall')).status).toBe(0)
    expect((await run('--help')).stdout).not.toMatch(/^ {2}plugin\b/m)
  })

  it.each([
    [['install', '--marketplace', '../x'], 'TC-CLI-USAGE'],
    [['install', '--pass-env', 'A=b'], 'TC-CLI-USAGE'],
    [['install', '--codex-home', '/proc/none'], 'TC-CODEX-WRITE'],
    [['uninstall', 'extra'], 'TC-CLI-USAGE'],
    [['export', '--dir', '/dev/null/x'], 'TC-CODEX-WRITE'],
  ])('%j is one envelope with %s', async (args, code) => {
    const {status, stdout, stderr} = await run('codex', 'plugin', ...args, '--json')
    expect({status, stderr}).toEqual({status: 1, stderr: ''})
    expect(JSON.parse(stdout)).toMatchObject({schema_version: 1, error: {code}})
    expect(fingerprint(scratch.codexHome)).toEqual({})
  })
})

describe('the scripts of the bundle', () => {
  it('route to runtimes, and refuse what they do not know', async () => {
    const dir = scratch.path('bundle')
    await run('codex', 'plugin', 'export', '--dir', dir)
    const {watchProgram} = await import('../support/cli.ts')
    const script = async (...args: string[]) => {
      const running = watchProgram([join(dir, 'scripts/tunnel_mcp'), ...args], {
        env: scratch.env('none'),
        cwd: scratch.folder,
      })
      const {status} = await running.exited
      return {status, stdout: running.stdout(), stderr: running.stderr()}
    }
    expect(JSON.parse((await script('list')).stdout)).toMatchObject({aliases: []})
    expect(JSON.parse((await script('self-check')).stdout)).toMatchObject({loaded_plugin_source: dir})
    expect(await script('nonsense')).toMatchObject({status: 2})
    expect(await script()).toMatchObject({status: 0, stdout: expect.stringMatching(/^usage:/)})
    writeFileSync(join(dir, '.tunnel-client-bin'), '/gone\n')
    expect(await script('list')).toMatchObject({status: 2, stderr: expect.stringContaining('/gone: no program')})
  })
})
