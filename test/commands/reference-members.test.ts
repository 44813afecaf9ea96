// Flags and JSON members that scripts of the Go client use.

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {runCli} from '../support/cli.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'members-'))
})
afterEach(() => rmSync(home, {recursive: true, force: true}))

const env = {CONTROL_PLANE_API_KEY: 'k', CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9'}
const run = (...args: string[]) => runCli(args, {env: {...env, HOME: home}, cwd: home})
const GROUP = [
  ['--admin-profile', 'p'],
  ['--admin-key', 'env:K'],
  ['--control-plane-base-url', 'http://127.0.0.1:9'],
  ['--control-plane-url-path', '/x'],
].flat()

it('cleanup and rm take the flags of the group, and ignore them', async () => {
  const {stdout, status} = await run('runtimes', 'cleanup', '--json', ...GROUP)
  expect({status, ...JSON.parse(stdout)}).toMatchObject({status: 0, apply: false, entries: [], removed: []})
  expect(JSON.parse((await run('runtimes', 'cleanup', '--apply', '--json')).stdout)).toMatchObject({apply: true})
  expect((await run('runtimes', 'rm', 'docs', ...GROUP)).stderr).toContain('alias docs is not known')
})

it('profiles samples takes --profile-dir', async () => {
  const shown = await run('profiles', 'samples', 'show', 'sample_mcp_with_dcr', '--profile-dir', home)
  expect(shown).toMatchObject({status: 0, stdout: expect.stringContaining('Sample: sample_mcp_with_dcr')})
  expect((await run('profiles', 'samples', 'list', '--profile-dir', home)).status).toBe(0)
})

it('connect says in launch_diagnostics where the log is', async () => {
  const words = ['--alias', 'docs', '--tunnel-id', `tunnel_${'0'.repeat(32)}`, '--mcp-command', 'cat', '--json']
  try {
    const {stdout} = await run('runtimes', 'connect', ...words)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({healthy: true, launch_diagnostics: {log_path: report.log_path}})
  } finally {
    await run('runtimes', 'stop', 'docs')
  }
})
