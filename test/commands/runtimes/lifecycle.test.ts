// The life of a runtime as its user sees it.

import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {ADMIN_KEY, alive, RUNTIME_KEY, runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()

test('looking at an empty home writes nothing', async () => {
  expect(await world.runtimes(['list'])).toEqual({
    status: 0,
    stdout: `No runtime aliases found in ${world.root}\n`,
    stderr: '',
  })
  expect((await world.runtimes(['status', 'docs'])).status).toBe(1)
  expect((await world.runtimes(['stop', 'docs'])).status).toBe(1)
  expect((await world.runtimes(['cleanup'])).status).toBe(0)
  expect(readdirSync(world.home)).toEqual([])
})

test('connect --wait, a tool call, list, status, stop, rm', async () => {
  const connected = await world.runtimes([
    ...['connect', '--alias', 'My Docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl, '--wait'],
  ])
  expect(connected).toEqual({status: 0, stdout: 'Connected my-docs using process mode\n', stderr: ''})
  expect(await world.call('echo', {input: 'through the tunnel'})).toContain('through the tunnel')

  expect((await world.runtimes(['list'])).stdout).toBe(`my-docs\t${TUNNEL}\n`)
  expect(await world.runtimes(['status', 'my_docs', '--check'])).toMatchObject({
    status: 0,
    stdout: `my-docs\tready\t${TUNNEL}\n`,
  })
  const {pid} = world.records('processes')['my-docs']
  expect(alive(pid)).toBe(true)

  expect((await world.runtimes(['rm', 'my-docs'])).status).toBe(1)
  expect(await world.runtimes(['stop', 'my-docs'])).toMatchObject({status: 0, stdout: 'Stopped my-docs\n'})
  expect(alive(pid)).toBe(false)
  expect(world.records('processes')['my-docs']).not.toHaveProperty('pid')
  expect(world.records('processes')['my-docs'].mode).toBe('stopped')
  expect((await world.json(['stop', 'my-docs'])).document).toMatchObject({already_stopped: true, stopped: true})
  expect((await world.runtimes(['status', 'my-docs', '--check'])).status).toBe(2)
  expect((await world.runtimes(['status', 'my-docs'])).status).toBe(0)

  const removed = await world.json(['rm', 'my-docs'])
  expect(removed.document).toMatchObject({alias: 'my-docs', removed: true, kept_paths: [], tunnel_id: TUNNEL})
  for (const path of removed.document.removed_paths) expect(existsSync(path)).toBe(false)
  expect(world.records('aliases')).toEqual({})
  const history = readFileSync(`${world.root}/history.md`, 'utf8')
  for (const action of ['connect', 'stop', 'rm']) {
    expect(history).toContain(`action=${action} alias=my-docs tunnel_id=${TUNNEL}`)
  }
})

test('the process leads its group, has one log writer, and no key but its own', async () => {
  await world.connect('docs')
  const {pid, log_path, command} = world.records('processes').docs
  if (process.platform === 'linux') {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    expect(environment).toContain(`CONTROL_PLANE_API_KEY=${RUNTIME_KEY}`)
    expect(environment.join('\n')).not.toContain(ADMIN_KEY)
    expect(environment.filter((entry) => /^(OPENAI_|CONTROL_PLANE_BASE_URL)/.test(entry))).toEqual([])
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])).toBe(pid)
  }
  expect(command).toMatch(/^'.*' '.*run\.js' 'run' '--profile-dir' '.*' '--profile' 'docs'$/)
  for (const line of readFileSync(log_path, 'utf8').trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  expect(statSync(`${world.root}/logs/docs.stderr.log`).mode & 0o777).toBe(0o600)
  for (const file of ['aliases', 'processes', 'admin_profiles']) {
    expect(statSync(`${world.root}/${file}.yaml`).mode & 0o777).toBe(0o600)
  }
})

test('variables of the shell do not override the profile', async () => {
  const {status} = await world.json(
    ['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl, '--wait'],
    {
      CONTROL_PLANE_TUNNEL_ID: 'tunnel_ffffffffffffffffffffffffffffffff',
      MCP_COMMAND: 'false',
      HEALTH_URL_FILE: world.path('elsewhere.url'),
      LOG_FILE: world.path('elsewhere.log'),
      TUNNEL_CLIENT_PROFILE: 'other',
    },
  )
  expect(status).toBe(0)
  expect(existsSync(world.path('elsewhere.url'))).toBe(false)
})

test('a key named by another variable', async () => {
  const order = ['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl, '--wait']
  const key = ['--runtime-api-key', 'env:MY_KEY']
  const unset = await world.runtimes([...order, ...key])
  expect(unset.status).toBe(1)
  expect(unset.stderr).toContain('environment variable MY_KEY is not set')
  expect(existsSync(world.path('.config'))).toBe(false)

  const {status} = await world.json([...order, ...key], {MY_KEY: RUNTIME_KEY, CONTROL_PLANE_API_KEY: 'wrong-key-00'})
  expect(status).toBe(0)
})

test('connecting again keeps what runs so, and replaces what runs otherwise', async () => {
  const first = await world.connect('docs')
  const same = await world.connect('docs')
  expect(same).toMatchObject({launched: false, already_running: true, drift: [], pid: first.pid})

  const profile = JSON.parse(readFileSync(first.profile_path, 'utf8'))
  writeFileSync(first.profile_path, JSON.stringify({...profile, log: {...profile.log, level: 'debug'}}))
  const other = await world.connect('docs', ['--mcp-server-url', `${world.stub.mcpUrl}?again`])
  expect(other).toMatchObject({launched: true, already_running: false, drift: ['MCP server']})
  expect(other.pid).not.toBe(first.pid)
  expect(alive(first.pid)).toBe(false)
  expect(JSON.parse(readFileSync(first.profile_path, 'utf8')).log.level).toBe('debug')
})

test('a profile of somebody else is neither overwritten nor removed', async () => {
  const path = world.path('.config', 'tunnel-client', 'docs.yaml')
  mkdirSync(world.path('.config', 'tunnel-client'), {recursive: true})
  writeFileSync(path, 'config_version: 1\n')
  const {status, stderr} = await world.runtimes([
    ...['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl],
  ])
  expect(status).toBe(1)
  expect(stderr).toContain(`${path} is not a profile of runtime docs`)
  expect(readFileSync(path, 'utf8')).toBe('config_version: 1\n')
  expect(existsSync(`${world.root}/aliases.yaml`)).toBe(false)

  world.write('aliases', {
    docs: {alias: 'docs', tunnel_id: TUNNEL, name: 'docs', profile_path: path, profile_name: 'docs'},
  })
  const removed = await world.json(['rm', 'docs'])
  expect(removed.document.kept_paths).toEqual([path])
  expect(existsSync(path)).toBe(true)
})

test('a server that cannot be started: status 2, the reason, and the record of the attempt', async () => {
  const {status, stdout} = await world.runtimes([
    ...['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-command', '/nowhere/server', '--wait'],
  ])
  expect(status).toBe(2)
  expect(stdout).toContain('/nowhere/server')
  expect((await world.runtimes(['status', 'docs'])).stdout).toBe(`docs\tstopped\t${TUNNEL}\n`)
  expect((await world.runtimes(['logs', 'docs', '--raw'])).stdout).toContain('/nowhere/server')
})

test('a tunnel that the service does not know is not called ready', async () => {
  const order = ['connect', '--alias', 'docs', '--tunnel-id', 'tunnel_ffffffffffffffffffffffffffffffff']
  const target = ['--mcp-server-url', world.stub.mcpUrl]
  // The daemon takes the time that it needs to start; waiting for it is another order.
  await world.runtimes([...order, ...target, '--timeout', '60s'])
  const {status, document} = await world.json([...order, ...target, '--wait', '--timeout', '3s'])
  expect(status).toBe(2)
  expect(document.remote_error).toContain('404')
  expect(document).toMatchObject({healthy: true, ready: false, runtime_state: 'healthy'})
})

test('create makes a tunnel once, and keeps what connect has recorded', async () => {
  const order = ['create', '--alias', 'made', '--organization-id', 'org-local']
  const made = await world.json(order)
  expect(made).toMatchObject({status: 0, document: {alias: 'made', tunnel_source: 'created'}})
  const {id} = made.document.tunnel
  expect(id).toMatch(/^tunnel_[a-z0-9]{32}$/)
  expect((await world.runtimes(order)).stdout).toBe(`Created alias made for tunnel ${id}\n`)

  const connected = await world.json(['connect', '--alias', 'made', '--mcp-server-url', world.stub.mcpUrl, '--wait'])
  expect(connected.document).toMatchObject({tunnel: {id}, ready: true})
  const again = await world.json(order)
  expect(again.document).toMatchObject({tunnel: {id}, tunnel_source: 'kept'})
  expect(world.records('aliases').made.profile_path).toBe(connected.document.profile_path)

  const both = await world.runtimes([...order, '--workspace-id', 'w'])
  expect(both.stderr).toContain(
    'runtimes create accepts exactly one remote scope family: --organization-id or --workspace-id',
  )
  const list = await world.json(['list', '--organization-id', 'org-local', '--remote-timeout', '20s'])
  expect(list.document.remote_tunnels).toContainEqual(expect.objectContaining({id, local_alias: 'made'}))
})

test('logs: the end, the whole since a moment, and what comes', async () => {
  await world.connect('docs')
  const tail = await world.runtimes(['logs', 'docs', '--tail', '2'])
  expect(tail.stdout.trim().split('\n')).toHaveLength(2)
  const whole = await world.json(['logs', 'docs', '--since', '10m'])
  expect(whole.document.lines.join('\n')).toContain('tunnel-client started')
  expect((await world.json(['logs', 'docs', '--since', '2099-01-01T00:00:00Z'])).document.lines).toEqual([])
  expect((await world.runtimes(['logs', 'docs', '--since', 'yesterday'])).status).toBe(1)

  const follower = world.start(['logs', 'docs', '--follow', '--tail', '1'])
  await follower.output(/\n/)
  await world.runtimes(['stop', 'docs'])
  await follower.output(/tunnel-client stopped/)
  follower.kill('SIGINT')
  expect((await follower.exited).status).toBe(130)
})
