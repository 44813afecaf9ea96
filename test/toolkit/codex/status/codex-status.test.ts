import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {statusBlocks} from '../../../../src/toolkit/codex/present/present-status.ts'
import {codexStatus} from '../../../../src/toolkit/codex/status/codex-status.ts'
import {RUN_JS} from '../../../support/cli.ts'
import {needs} from '../../../support/parts.ts'
import {pluginOf} from '../plugin/rig.ts'
import {CODEX, fingerprint, Scratch} from '../real-codex.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = new Scratch()
})
afterEach(() => scratch.remove())

const look = (env: Record<string, string>, budget = {start: 60_000, thread: 60_000}) =>
  codexStatus({env, cwd: scratch.folder, runJs: RUN_JS, version: '1.2.3', budget})

const shown = (status: Awaited<ReturnType<typeof look>>): string =>
  statusBlocks(status)
    .map((block) => (block.kind === 'text' ? block.lines.join('\n') : ''))
    .join('\n')

/** What `codex status` may not touch: configuration and trust, plugins, login. */
const KEPT = /^(config\.toml|auth\.json|\.credentials\.json|plugins)/

function codexScript(script: string): {folder: string} {
  const folder = scratch.path('bin')
  mkdirSync(folder)
  writeFileSync(join(folder, 'codex'), `#!/bin/sh\n${script}\n`, {mode: 0o755})
  return {folder}
}

describe('without Codex', () => {
  it('says how to get it, and makes no home', async () => {
    const status = await look(scratch.env('none'))
    expect(status).toMatchObject({state: 'missing', detected: false, plugin_installed: false, bridge_ready: false})
    expect(status.recommended_install_command).toMatch(/codex/)
    expect(shown(status)).toMatch(/^Codex:\n {2}State: missing\n\nCommands:\n {2}Install: .*\n {2}Docs: https:.*$/)
    expect(fingerprint(scratch.home)).toEqual({})
  })

  it('knows the plugin all the same', async () => {
    await pluginOf(scratch, scratch.env('none')).install()
    expect(await look(scratch.env('none'))).toMatchObject({
      plugin_installed: true,
      plugin_version: 'local',
      plugin_matches_current_binary: true,
      enabled_plugin_config_keys: ['tunnel-mcp@debug'],
    })
  })
})

describe('with a Codex that misbehaves', () => {
  it('gives up an app-server that never answers, and leaves none behind', async () => {
    mkdirSync(scratch.codexHome)
    const pid = scratch.path('pid')
    const env = scratch.env(
      codexScript(`case "$*" in app-server) echo $$ > '${pid}'; exec sleep 600 ;; *) echo codex-cli 9.9.9 ;; esac`),
    )
    const status = await look(env, {start: 3000, thread: 3000})
    expect(status).toMatchObject({state: 'error', version: 'codex-cli 9.9.9', bridge_ready: false})
    expect(status.bridge_error).toMatch(/^initialize timed out/)
    expect(shown(status)).toContain('Bridge error: initialize timed out')
    expect(() => process.kill(Number(readFileSync(pid, 'utf8')), 0)).toThrow('ESRCH')
  })

  it('tells why an app-server died', async () => {
    mkdirSync(scratch.codexHome)
    const env = scratch.env(codexScript('case "$*" in app-server) echo boom >&2; exit 3 ;; esac'))
    expect(await look(env)).toMatchObject({state: 'error', bridge_error: 'codex app-server exited: boom'})
  })

  it('knows one without an app-server', async () => {
    const env = scratch.env(codexScript('case "$1" in app-server) echo "error: unknown command" >&2; exit 2 ;; esac'))
    const status = await look(env)
    expect(status).toMatchObject({state: 'unsupported', app_server_support_error: 'unknown command'})
    expect(shown(status)).toContain('app-server: unavailable (unknown command)')
  })

  it('takes the requests of a server for requests, not for answers', async () => {
    mkdirSync(scratch.codexHome)
    const env = scratch.env(
      codexScript(`case "$*" in app-server) ;; *) exit 0 ;; esac
read line; echo '{"id":1,"method":"item/tool/call","params":{}}'; read answer; echo "$answer" > '${scratch.path('answer')}'
echo 'no json'; echo '{"id":1,"result":{"userAgent":"ua"}}'; read note; read auth; echo '{"id":2,"error":{"message":"no"}}'
read account; echo '{"id":3,"result":{"account":{"type":"chatgpt","email":"a@b.c","planType":"plus"},"requiresOpenaiAuth":true}}'
read thread; echo "$thread" > '${scratch.path('thread')}'; echo '{"id":4,"error":{"message":"no model"}}'; read end`),
    )
    const status = await look(env)
    expect(status).toMatchObject({
      state: 'bridge_ready',
      assistant_state: 'unavailable',
      assistant_error: 'thread/start: no model',
      snapshot: {initialize_info: {user_agent: 'ua'}, account: {email: 'a@b.c', plan_type: 'plus'}},
    })
    expect(shown(status)).toContain('Account: a@b.c (plus)')
  })
})

describe('with the real Codex', () => {
  beforeEach(needs(CODEX))

  it('makes no home where there is none', async () => {
    const {CODEX_HOME: _, ...env} = scratch.env('real')
    const status = await look(env)
    expect(status).toMatchObject({state: 'logged_out', app_server_supported: true, bridge_ready: false})
    expect(status.version).toMatch(/^codex-cli /)
    expect(status.bridge_error).toContain('does not exist')
    expect(fingerprint(scratch.home)).toEqual({})
  })

  it('is ready with a login, and leaves configuration, trust, plugins and login as they are', async () => {
    mkdirSync(scratch.codexHome)
    writeFileSync(scratch.config, '# mine\r\nmodel = "gpt-5"\r\n', {mode: 0o640})
    writeFileSync(join(scratch.codexHome, 'auth.json'), '{"OPENAI_API_KEY":"sk-not-a-key"}', {mode: 0o600})
    await pluginOf(scratch, scratch.env('real')).install()
    // A repository is what Codex would trust.
    mkdirSync(scratch.path('.git'))
    const before = fingerprint(scratch.codexHome, KEPT)
    const status = await look(scratch.env('real'))
    expect(status).toMatchObject({
      state: 'ready',
      assistant_state: 'ready',
      plugin_matches_current_binary: true,
      snapshot: {thread: {sandbox: 'readOnly', cwd: scratch.folder}},
    })
    expect(JSON.stringify(status)).not.toContain('sk-not-a-key')
    expect(fingerprint(scratch.codexHome, KEPT)).toEqual(before)
  })

  it('says logged out without a login', async () => {
    mkdirSync(scratch.codexHome)
    expect(await look(scratch.env('real'))).toMatchObject({state: 'logged_out', bridge_ready: true})
    expect(existsSync(scratch.config)).toBe(false)
  })
})
