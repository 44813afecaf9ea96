// What is wrong with a configuration is told by the check whose subject it is, all of it at once.

import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {visit} from './visit.ts'

const TUNNEL = `tunnel_${'0'.repeat(32)}`

async function file(text: string, name = 'tunnel.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rm(folder, {recursive: true, force: true}))
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const good = `config_version: 1
control_plane:
  tunnel_id: ${TUNNEL}
  api_key: env:MY_KEY
mcp:
  server_urls:
    - url: http://127.0.0.1:1/mcp
`

test('everything at once, in the places where the reference tells it', async () => {
  const report = await visit({flags: {'control-plane.tunnel-id': 'bad'}})
  expect(report.failed_checks).toEqual(['tunnel_id', 'control_plane_api_key', 'mcp_target'])
  expect(report.checks.map(({id}) => id).slice(0, 6)).toEqual([
    'config_source',
    'profile_load',
    'tunnel_id',
    'control_plane_api_key',
    'mcp_target',
    'tunnels_management_url',
  ])
  expect(report.row('tunnel_id').summary).toBe(
    'invalid tunnel ID "bad": must match tunnel_<32 lowercase letters or digits>',
  )
  const next = report.row('tunnel_id').next?.join('\n') ?? ''
  expect(next).toContain('Create or verify the connector in https://chatgpt.com/#settings/Connectors only while')
  expect(next).toContain('Keep the daemon up for connector discovery and every MCP call from ChatGPT.')
  expect(next).toContain('tunnel-client help quickstart')
  expect(report.verdict.line).toMatch(/^You: tunnel_id: invalid tunnel ID "bad"/)
  expect(report.checks.filter(({destination}) => destination !== undefined)).toEqual([])
})

test('contradicting selectors stop everything that needs a file', async () => {
  const report = await visit({flags: {config: 'a.yaml', profile: 'b'}})
  expect(report.row('config_source')).toMatchObject({
    status: 'FAIL',
    summary: expect.stringContaining('mutually exclusive'),
  })
  expect(report.row('profile_load')).toMatchObject({status: 'BLOCKED', blocked_by: 'config_source'})
  expect(report.row('tunnels_management_url').status).toBe('PASS')
})

test('a file that is not there', async () => {
  const report = await visit({flags: {config: '/nonexistent/tunnel.yaml'}})
  expect(report.row('config_source')).toMatchObject({status: 'PASS', summary: '/nonexistent/tunnel.yaml'})
  expect(report.row('profile_load')).toMatchObject({status: 'FAIL', summary: expect.stringContaining('no such file')})
  expect(report.failed_checks?.[0]).toBe('profile_load')
})

test('a file with a mistake names its line', async () => {
  const path = await file(`${good}nonsense: 1\n`)
  const report = await visit({flags: {config: path}, env: {MY_KEY: 'k'}, offline: true})
  expect(report.row('profile_load').status).toBe('FAIL')
  expect(report.row('profile_load').evidence?.join()).toContain('8')
})

describe('where things come from', () => {
  test('a file: its path, the key only as configured, with the line as evidence', async () => {
    const path = await file(good)
    const report = await visit({flags: {config: path}, env: {MY_KEY: 'sk-hidden'}, offline: true})
    expect(report.row('config_source').summary).toBe(path)
    expect(report.row('profile_load').summary).toBe(path)
    expect(report.row('tunnel_id').summary).toBe(TUNNEL)
    expect(report.row('control_plane_api_key')).toMatchObject({summary: 'configured', evidence: [`from ${path}:4`]})
    expect(report.next).toBe(`tunnel-client run --config ${path}`)
    expect(JSON.stringify(report)).not.toContain('sk-hidden')
  })

  test('a profile', async () => {
    const path = await file(good, 'demo.yaml')
    const dir = join(path, '..')
    const report = await visit({flags: {profile: 'demo', 'profile-dir': dir}, env: {MY_KEY: 'k'}, offline: true})
    expect(report.row('config_source').summary).toBe('profile: demo')
    expect(report.next).toContain('tunnel-client run --profile demo')
  })

  test('a flag that names a variable, and a plain variable', async () => {
    const flags = {'control-plane.tunnel-id': TUNNEL, 'mcp.server-url': ['http://127.0.0.1:1/mcp']}
    const byFlag = await visit({
      flags: {...flags, 'control-plane.api-key': 'env:MY_KEY'},
      env: {MY_KEY: 'k'},
      offline: true,
    })
    expect(byFlag.row('control_plane_api_key').summary).toBe('env:MY_KEY')
    const byEnv = await visit({flags, env: {OPENAI_API_KEY: 'k'}, offline: true})
    expect(byEnv.row('control_plane_api_key').summary).toBe('env:OPENAI_API_KEY')
  })
})
