// `admin-profiles` on the files of the reference, through the command line.

import {existsSync} from 'node:fs'
import {mkdir, mkdtemp, readFile, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, expect, test} from 'vitest'
import {runCli} from '../../support/cli.ts'

let root: string
let file: string

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'admin profiles ')), 'state')
  file = join(root, 'admin_profiles.yaml')
})

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(['admin-profiles', ...args], {env: {TUNNEL_CLIENT_STATE_DIR: root, ...env}})

const stored = async () => JSON.parse(await readFile(file, 'utf8'))

/** Writes a file of the state root as the reference would. */
async function state(name: string, content: unknown): Promise<void> {
  await mkdir(root, {recursive: true})
  await writeFile(join(root, name), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`)
}

test('set, list, activate, delete: lines, JSON, file and mode', {timeout: 120_000}, async () => {
  const first = await run(['set', 'Work_One', '--control-plane-base-url', 'https://cp.example', '--json'])
  expect(first.status).toBe(0)
  const profile = {
    name: 'work-one',
    control_plane_base_url: 'https://cp.example',
    admin_key: 'env:OPENAI_ADMIN_KEY',
    updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  }
  const place = {active_profile: 'work-one', path: file, state_root: root}
  expect(JSON.parse(first.stdout)).toEqual({
    schema_version: 1,
    profile: {...profile, path: file, active: true},
    ...place,
  })
  expect(await readFile(file, 'utf8')).toMatch(/^\{\n {2}"active_profile": "work-one",\n {2}"profiles": \{\n.*\}\n$/s)
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const second = await run(['set', 'alpha', '--admin-key', 'file:/run/key', '--activate=false'], {
    CONTROL_PLANE_BASE_URL: 'https://env.example',
  })
  expect(second.stdout).toBe('Saved admin profile alpha (https://env.example)\n')
  expect((await run(['list'])).stdout).toBe('alpha\thttps://env.example\nwork-one\thttps://cp.example\t(active)\n')
  expect((await run(['activate', 'ALPHA'])).stdout).toBe('Activated admin profile alpha\n')
  expect((await run(['delete', 'Alpha'])).stdout).toBe('Deleted admin profile Alpha\n')
  expect(await stored()).toEqual({active_profile: 'work-one', profiles: {'work-one': profile}})
  const last = await run(['delete', 'work-one', '--json'])
  expect(JSON.parse(last.stdout)).toMatchObject({deleted_profile: 'work-one', active_profile: ''})
})

test('blank fields keep what is stored', async () => {
  await run(['set', 'p', '--control-plane-base-url', 'https://a.example', '--control-plane-url-path', '/x'])
  await run(['set', 'p', '--control-plane-base-url', '', '--admin-key', 'env:NEW'], {
    CONTROL_PLANE_BASE_URL: 'https://b',
  })
  expect((await stored()).profiles.p).toMatchObject({
    control_plane_base_url: 'https://a.example',
    control_plane_url_path: '/x',
    admin_key: 'env:NEW',
  })
})

test('reading makes nothing, and neither does a name that is not known', async () => {
  const list = await run(['list'])
  expect(list).toMatchObject({status: 0, stdout: `No admin profiles found in ${file}\n`})
  expect(JSON.parse((await run(['list', '--json'])).stdout)).toMatchObject({profiles: [], active_profile: ''})
  for (const verb of ['activate', 'delete']) {
    const {status, stderr} = await run([verb, 'nope'])
    expect({status, said: stderr.includes('admin profile nope is not known')}).toEqual({status: 1, said: true})
  }
  expect(existsSync(root)).toBe(false)
})

test.each([
  ['a name of nothing', ['set', ' _- '], 'must contain at least one ASCII letter or number'],
  ['a literal key', ['set', 'p', '--admin-key', 'canary-4d9e81'], 'must be an env:NAME or file:/path reference'],
  ['a key as a name', ['set', 'p', '--admin-key', 'env:canary-4d9e81'], 'must be an env:NAME or file:/path reference'],
  ['env: without a name', ['set', 'p', '--admin-key', 'env:'], 'must be an env:NAME or file:/path reference'],
  ['no URL', ['set', 'p', '--control-plane-base-url', 'canary'], 'must be an http or https URL'],
  ['a password', ['set', 'p', '--control-plane-base-url', 'https://u:canary@h'], 'must not hold credentials'],
  ['a path without slash', ['set', 'p', '--control-plane-url-path', 'x'], "must start with '/'"],
])('%s is refused before anything is made, and not shown', async (_, args, says) => {
  const {status, stdout, stderr} = await run(args)
  expect({status, stdout}).toEqual({status: 1, stdout: ''})
  expect(stderr).toContain(says)
  expect(stderr).not.toContain('canary')
  expect(existsSync(root)).toBe(false)
})

test('the older flat form is read, members of others are kept, and a broken file is left alone', async () => {
  const old = {name: 'old', control_plane_base_url: 'https://old', admin_key: 'env:A', later: {x: 1}}
  await state('admin_profiles.yaml', {active_profile: 'old', old})
  expect((await run(['list'])).stdout).toBe('old\thttps://old\t(active)\n')
  await run(['set', 'old', '--admin-key', 'env:B'])
  expect((await stored()).profiles.old).toMatchObject({admin_key: 'env:B', later: {x: 1}})
  await state('admin_profiles.yaml', '{')
  const broken = await run(['set', 'p', '--json'])
  expect(broken.status).toBe(1)
  expect(JSON.parse(broken.stdout).error.message).toBe(
    `state file ${file} is not valid JSON-compatible YAML; repair or remove it`,
  )
  expect(await readFile(file, 'utf8')).toBe('{')
})

test('a profile that a runtime needs stays', {timeout: 120_000}, async () => {
  await run(['set', 'used'])
  const record = {alias: 'docs', tunnel_id: 't', admin_profile: 'used'}
  await state('processes.yaml', {docs: {...record, mode: 'process', pid: 1}})
  expect((await run(['delete', 'used'])).stderr).toContain('still referenced by active runtime docs')
  await state('processes.yaml', {docs: {...record, mode: 'stopped'}})
  await state('aliases.yaml', {docs: {...record, name: 'docs'}})
  expect((await run(['delete', 'used'])).stderr).toContain('still referenced by alias docs')
  await state('aliases.yaml', {})
  expect((await run(['delete', 'used'])).status).toBe(0)
})

test('writers side by side lose nothing', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const ends = await Promise.all(names.map((name) => run(['set', name])))
  expect(ends.map(({status}) => status)).toEqual(names.map(() => 0))
  expect(Object.keys((await stored()).profiles)).toEqual(names)
})
