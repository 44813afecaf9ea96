// `admin tunnels` against our own tunnel service, as scripts of the reference call it.

import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {createTunnelService} from '../../../src/service/tunnel-service/index.ts'
import {runCli} from '../../support/cli.ts'

type Service = Awaited<ReturnType<typeof createTunnelService>>

let service: Service
let adminKey: string
let runtimeKey: string

beforeAll(async () => {
  service = await createTunnelService({})
  adminKey = service.adminKey.reveal()
  runtimeKey = service.runtimeKey.reveal()
})
afterAll(async () => await service.close())

const admin = (args: readonly string[], env: Record<string, string> = {OPENAI_ADMIN_KEY: adminKey}) =>
  runCli(['admin', 'tunnels', ...args], {env: {CONTROL_PLANE_BASE_URL: service.controlPlaneBaseUrl, ...env}})

async function newTunnel(name: string, ...more: string[]): Promise<string> {
  const created = await admin(['create', '--name', name, '--description', 'd', ...more, '--json'])
  expect(created.stderr).toBe('')
  return JSON.parse(created.stdout).id
}

test('a tunnel lives: created, read, listed, changed, cleared, deleted', {timeout: 120_000}, async () => {
  const created = await admin([
    ...['create', '--name', 'docs', '--description', 'our docs', '--json'],
    ...['--organization-id', 'org_1,org_2', '--organization-id', 'org_3', '--workspace-id', 'ws_1'],
  ])
  expect(created.status).toBe(0)
  const tunnel = JSON.parse(created.stdout)
  expect(tunnel).toMatchObject({
    name: 'docs',
    description: 'our docs',
    organization_ids: ['org_1', 'org_2', 'org_3'],
    workspace_ids: ['ws_1'],
    request_id: expect.any(String),
  })
  expect(tunnel).not.toHaveProperty('tenant_ids')

  const listed = JSON.parse((await admin(['list', '--organization-id', 'org_2', '--json'])).stdout)
  expect(listed.tunnels.map(({id}: {id: string}) => id)).toEqual([tunnel.id])
  expect(listed.tunnels[0]).not.toHaveProperty('request_id')

  const changed = JSON.parse((await admin(['update', tunnel.id, '--name', '  new ', '--json'])).stdout)
  expect(changed).toMatchObject({name: 'new', description: 'our docs', workspace_ids: ['ws_1']})
  const cleared = JSON.parse((await admin(['update', tunnel.id, '--workspace-id', '', '--json'])).stdout)
  expect(cleared).toMatchObject({name: 'new', organization_ids: ['org_1', 'org_2', 'org_3']})
  expect(cleared).not.toHaveProperty('workspace_ids')

  const kept = await admin(['delete', tunnel.id])
  expect(kept).toMatchObject({status: 1, stdout: '', stderr: expect.stringContaining('refusing to delete')})
  expect((await admin(['delete', tunnel.id, '--confirm'])).stdout).toContain(`Tunnel ${tunnel.id}\n  Name: new\n`)
  expect((await admin(['list', '--organization-id', 'org_2'])).stdout).toBe('')
})

test('lines for people: the reference shows these, and says what a new tunnel needs', async () => {
  const {stdout, status} = await admin([
    ...['create', '--name', 'lines', '--description', 'for people'],
    ...['--organization-id', 'org_8', '--organization-id', 'org_9'],
  ])
  expect(status).toBe(0)
  expect(stdout).toMatch(
    /^Tunnel tunnel_[a-z0-9]{32}\n {2}Name: lines\n {2}Description: for people\n(?: {2}Creator: .+\n)? {2}Organizations: org_8, org_9\n {2}Workspaces: \n/,
  )
  expect(stdout).toContain('wait 25-30 seconds')
  expect(stdout).toContain('active and ready')
})

test('--wait reads the new tunnel instead of giving advice', async () => {
  const {stdout, status} = await admin([
    ...['create', '--name', 'waited', '--description', 'd', '--workspace-id', 'ws_w', '--wait', '5s'],
  ])
  expect(status).toBe(0)
  expect(stdout).toContain('Name: waited')
  expect(stdout).not.toContain('25-30')
})

test('get reads with a runtime key and says so; flags of the group may stand before the subcommand', {
  timeout: 120_000,
}, async () => {
  const id = service.tunnelId
  const env = {CONTROL_PLANE_API_KEY: runtimeKey, CONTROL_PLANE_BASE_URL: service.controlPlaneBaseUrl}
  const json = await runCli(['admin', '--json', 'tunnels', 'get', id], {env})
  expect(JSON.parse(json.stdout)).toMatchObject({id, key: {kind: 'runtime', source: 'env:CONTROL_PLANE_API_KEY'}})
  const human = await runCli(['admin', 'tunnels', 'get', id], {env: {...env, OPENAI_ADMIN_KEY: adminKey}})
  expect(human.stdout).toContain('  Key: admin key (env:OPENAI_ADMIN_KEY)\n')
  expect(json.stdout + human.stdout).not.toContain(runtimeKey)
  expect(human.stdout).not.toContain(adminKey)
})

test('a runtime key never manages, and an admin key that is named never falls back', async () => {
  const env = {CONTROL_PLANE_API_KEY: runtimeKey}
  const list = await admin(['list', '--organization-id', 'o'], env)
  expect(list.status).toBe(1)
  expect(list.stderr).toContain('admin key is required; set --admin-key or OPENAI_ADMIN_KEY')
  expect(list.stderr).toContain('CONTROL_PLANE_API_KEY may not manage')
  const named = await admin(['get', service.tunnelId, '--admin-key', 'env:OTHER_KEY'], env)
  expect(named.stderr).toContain('environment variable OTHER_KEY referenced by --admin-key is not set')
  const blank = await admin(['list', '--organization-id', 'o'], {...env, OPENAI_ADMIN_KEY: ' '})
  expect(blank.stderr).toContain('OPENAI_ADMIN_KEY must be non-empty')
})

test('the key by reference', {timeout: 120_000}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'admin key '))
  await writeFile(join(dir, 'key'), `${adminKey}\n`)
  const byFile = await admin(['get', service.tunnelId, '--admin-key', `file:${join(dir, 'key')}`, '--json'], {})
  expect(JSON.parse(byFile.stdout).key).toEqual({kind: 'admin', source: `file:${join(dir, 'key')}`})
  const byEnv = await admin(['get', service.tunnelId, '--admin-key', 'env:MY_KEY', '--json'], {MY_KEY: adminKey})
  expect(JSON.parse(byEnv.stdout).key).toEqual({kind: 'admin', source: 'env:MY_KEY'})
  await writeFile(join(dir, 'empty'), '\n')
  const empty = await admin(['get', 'x', '--admin-key', `file:${join(dir, 'empty')}`], {})
  expect(empty.stderr).toContain(`file ${join(dir, 'empty')} referenced by --admin-key is empty`)
})

test.each([
  ['a literal key', ['--admin-key', 'canary-5f1c0d2e9b'], 'admin-key must use env: or file: prefixes'],
  ['a key where a name should be', ['--admin-key', 'env:canary-5f1c0d2e9b'], '[redacted]'],
])('%s is refused and not shown', async (_, args, says) => {
  for (const json of [[], ['--json']]) {
    const {status, stdout, stderr} = await admin(['list', '--organization-id', 'o', ...args, ...json], {})
    expect(status).toBe(1)
    expect(stdout + stderr).toContain(says)
    expect(stdout + stderr).not.toContain('canary')
  }
})

test('what the service refuses keeps the members of the reference, in one document', async () => {
  const {status, stdout, stderr} = await admin(['get', 'tunnel_00000000000000000000000000000000', '--json'])
  expect({status, stderr}).toEqual({status: 1, stderr: ''})
  const {error} = JSON.parse(stdout)
  expect(error).toMatchObject({
    method: 'GET',
    path: '/v1/tunnels/tunnel_00000000000000000000000000000000',
    status_code: 404,
    request_id: expect.any(String),
    code: 'tunnel_not_found',
    type: 'invalid_request_error',
    tunnel_client_code: 'TC-ADMIN-REFUSED',
    failure_class: 'tunnel_unknown',
  })
  expect(error.message).toMatch(
    /^request GET \/v1\/tunnels\/tunnel_0+ failed: 404 tunnel_not_found: .* \(x-request-id: /,
  )
})

test('a key without Manage: what it lacks, and what helps', async () => {
  const {stderr} = await admin(['list', '--organization-id', 'o'], {OPENAI_ADMIN_KEY: runtimeKey})
  expect(stderr).toContain('403 tunnel_management_permission_required')
  expect(stderr).toContain('mitigation:')
  expect(stderr).not.toContain(runtimeKey)
})

test.each([
  [['create', '--description', 'd'], 'required flag(s) "name" not set'],
  [['create', '--name', ' ', '--description', 'd'], 'name is required'],
  [['create', '--name', 'n', '--description', ' '], 'description is required'],
  [['create', '--name', 'n', '--description', 'd'], 'at least one of --organization-id or --workspace-id is required'],
  [['list'], 'exactly one'],
  [['list', '--organization-id', 'a', '--tenant-id', 'b'], 'exactly one'],
  [['list', '--organization-id', 'a,b,a'], 'duplicate organization-id values: a'],
  [['update', 'x'], 'provide at least one field to update'],
  [['get'], 'accepts 1 arg(s), received 0'],
  [['get', '..'], 'no tunnel id'],
  [['get', 'x', '--control-plane.base-url', 'ftp://h'], 'scheme must be http or https'],
])('%j: one clear error, one document with --json', async (args, says) => {
  const human = await admin(args)
  expect(human).toMatchObject({status: 1, stdout: '', stderr: expect.stringContaining(says)})
  const json = await admin([...args, '--json'])
  expect(json).toMatchObject({status: 1, stderr: ''})
  expect(JSON.parse(json.stdout).error.message).toContain(says)
})

test('nobody there: the address is named, and what may have happened', async () => {
  const env = {OPENAI_ADMIN_KEY: adminKey, CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:1'}
  const {status, stderr} = await admin(['get', 'x'], env)
  expect(status).toBe(1)
  expect(stderr).toContain('GET http://127.0.0.1:1/v1/tunnels/x')
  expect(stderr).toContain('TC-ADMIN-NO-ANSWER')
})

test('cloudflared is refused, whatever is asked', async () => {
  for (const args of [['version'], ['config', '--token-file', '/x', '--retries', '3']]) {
    const {status, stdout, stderr} = await runCli(['cloudflared', ...args])
    expect({status, stdout}).toEqual({status: 1, stdout: ''})
    expect(stderr).toContain('cloudflared is not supported')
    const json = await runCli(['cloudflared', ...args, '--json'])
    expect(JSON.parse(json.stdout).error.code).toBe('TC-CLI-CLOUDFLARED')
  }
})

test('only the first of several ids is listed, and that is said', async () => {
  const id = await newTunnel('first', '--organization-id', 'org_f')
  const {stdout, stderr} = await admin(['list', '--organization-id', 'org_f,org_g', '--json'])
  expect(JSON.parse(stdout).tunnels[0].id).toBe(id)
  expect(stderr).toContain('not asked for: org_g')
})
