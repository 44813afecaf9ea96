// State that the reference wrote: read, managed, and left so that the reference can go on with it.

import {execFileSync, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {RUN_JS} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {alive, RUNTIME_KEY, runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()

/** What `connect` of the reference leaves for an alias, and a member of some later version. */
function referenceState(alias: string, process: object): void {
  const dir = world.path('.config', 'tunnel-client')
  const profile_path = `${dir}/${alias}.yaml`
  const health_url_file = `${world.root}/health/${alias}.url`
  const paths = {config_path: profile_path, profile_name: alias, profile_dir: dir, profile_path, health_url_file}
  world.write('aliases', {
    [alias]: {
      ...{alias, tunnel_id: TUNNEL, name: alias, admin_profile: 'default', description: `MCP tunnel for ${alias}`},
      ...{...paths, updated_at: '2026-05-08T00:00:00Z', from_the_future: {kept: true}},
    },
  })
  world.write('processes', {
    [alias]: {
      ...{alias, tunnel_id: TUNNEL, config_path: profile_path, health_url_file, target_kind: 'server_url'},
      ...{target_value: world.stub.mcpUrl, command: `'tunnel-client' 'run' '${world.home}'`},
      ...{started_at: '2026-05-08T00:00:00Z', admin_profile: 'default', ...paths},
      ...{log_path: `${world.root}/logs/${alias}.log`, from_the_future: 1, ...process},
    },
  })
  for (const folder of [dir, `${world.root}/health`, `${world.root}/logs`]) mkdirSync(folder, {recursive: true})
  const profile = {
    config_version: 1,
    control_plane: {
      base_url: world.service.controlPlaneBaseUrl,
      tunnel_id: TUNNEL,
      api_key: 'env:CONTROL_PLANE_API_KEY',
    },
    health: {listen_addr: '127.0.0.1:0', url_file: health_url_file},
    admin_ui: {open_browser: false},
    log: {level: 'info', format: 'json', file: `${world.root}/logs/${alias}.log`},
    mcp: {server_urls: [{channel: 'main', url: world.stub.mcpUrl}]},
  }
  writeFileSync(profile_path, `${JSON.stringify(profile, null, 2)}\n`)
}

test('a stopped runtime: listed, connected with its own profile, stopped, and nothing of it is lost', async () => {
  referenceState('docs', {mode: 'stopped'})
  expect((await world.runtimes(['list'])).stdout).toBe(`docs\t${TUNNEL}\n`)
  expect((await world.runtimes(['status', 'docs'])).stdout).toBe(`docs\tstopped\t${TUNNEL}\n`)
  const {document} = await world.json(['list'])
  expect(Object.keys(document.aliases[0])).toEqual(
    expect.arrayContaining(['organization_ids', 'tenant_ids', 'workspace_ids', 'updated_at', 'profile_path']),
  )
  expect(document.aliases[0].organization_ids).toBeNull()

  await world.connect('docs')
  expect((await world.runtimes(['stop', 'docs'])).status).toBe(0)
  expect(world.records('aliases').docs.from_the_future).toEqual({kept: true})
  expect(world.records('processes').docs).toMatchObject({from_the_future: 1, mode: 'stopped'})
  const text = readFileSync(`${world.root}/processes.yaml`, 'utf8')
  expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`)
})

test('cleanup classifies as the reference does and drops stale aliases only', async () => {
  referenceState('docs', {mode: 'stopped'})
  const aliases = world.records('aliases')
  world.write('aliases', {
    ...aliases,
    bare: {alias: 'bare', tunnel_id: 'tunnel_x', name: 'bare'},
    gone: {
      alias: 'gone',
      tunnel_id: 'tunnel_y',
      name: 'gone',
      profile_name: 'gone',
      profile_path: world.path('gone.yaml'),
    },
  })
  const seen = await world.runtimes(['cleanup'])
  expect(seen.stdout).toContain(
    `bare\tstale_alias\ttunnel_x\ndocs\tvalid_profile\t${TUNNEL}\ngone\tmissing_profile\ttunnel_y\n`,
  )
  const {document} = await world.json(['cleanup', '--apply'])
  expect(document).toMatchObject({apply: true, removed: ['bare']})
  expect(Object.keys(world.records('aliases'))).toEqual(['docs', 'gone'])
})

test('a broken state file is named, and stays', async () => {
  referenceState('docs', {mode: 'stopped'})
  writeFileSync(`${world.root}/processes.yaml`, 'docs: {')
  const {status, stderr} = await world.runtimes(['list'])
  expect(status).toBe(1)
  expect(stderr).toContain(
    `state file ${world.root}/processes.yaml is not valid JSON-compatible YAML; repair or remove it`,
  )
  expect((await world.runtimes(['stop', 'docs'])).status).toBe(1)
  expect(readFileSync(`${world.root}/processes.yaml`, 'utf8')).toBe('docs: {')
})

const tmux = spawnSync('tmux', ['-V']).status === 0

test.runIf(tmux)('a runtime in tmux: seen, kept, and stopped by its own end', async () => {
  // A server of its own: the user's would be taken where TMUX is set.
  const socket = {TMUX: undefined, TMUX_TMPDIR: world.home}
  const session_name = `tunnel-mcp__docs__${createHash('sha256').update(world.root).digest('hex').slice(0, 8)}`
  referenceState('docs', {mode: 'tmux', session_name})
  const {profile_dir} = world.records('processes').docs
  const command = [process.execPath, RUN_JS, 'run', '--profile-dir', profile_dir, '--profile', 'docs']
  const env = {...process.env, ...socket, HOME: world.home, CONTROL_PLANE_API_KEY: RUNTIME_KEY}
  execFileSync('tmux', ['new-session', '-d', '-s', session_name, ...command], {env})
  try {
    await eventually(
      'it is ready',
      async () => (await world.runtimes(['status', 'docs', '--check'], socket)).status === 0,
    )
    const pid = Number(execFileSync('tmux', ['list-panes', '-t', `=${session_name}`, '-F', '#{pane_pid}'], {env}))
    const order = ['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl]
    expect((await world.json(order, socket)).document).toMatchObject({
      already_running: true,
      mode: 'tmux',
      session_name,
    })
    expect((await world.runtimes(['rm', 'docs'], socket)).status).toBe(1)
    expect((await world.runtimes(['stop', 'docs'], socket)).stdout).toBe('Stopped docs\n')
    expect(alive(pid)).toBe(false)
    expect(readFileSync(`${world.root}/logs/docs.log`, 'utf8')).toContain('tunnel-client stopped')
    await eventually(
      'the session is gone',
      () => spawnSync('tmux', ['has-session', '-t', `=${session_name}`], {env}).status !== 0,
    )
    expect(world.records('processes').docs).not.toHaveProperty('session_name')
    expect(existsSync(`${world.root}/health/docs.url`)).toBe(false)
  } finally {
    spawnSync('tmux', ['kill-session', '-t', `=${session_name}`], {env})
  }
})
