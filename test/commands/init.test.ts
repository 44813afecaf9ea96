// `init` as people call it: what it saves, `run` accepts.

import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {createMcpStub} from '../../src/service/mcp-stub/index.ts'
import {createTunnelService} from '../../src/service/tunnel-service/index.ts'
import {cli, RUN_JS, runCli} from '../support/cli.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'init home '))
})
afterEach(() => rmSync(home, {recursive: true, force: true}))

const env = (more: Record<string, string> = {}) => ({HOME: home, XDG_CONFIG_HOME: undefined, ...more})
const init = (args: readonly string[], more?: Record<string, string>) => runCli(['init', ...args], {env: env(more)})
const profiles = (): string => join(home, '.config', 'tunnel-client')
const ID = ['--tunnel-id', TUNNEL]
const URL = ['--mcp-server-url', 'http://127.0.0.1:3001/mcp']

describe('a profile', () => {
  it('is made privately and says how to go on', async () => {
    const {status, stdout, stderr} = await init([...ID, ...URL, '--profile', 'demo'], {CONTROL_PLANE_API_KEY: 'k'})
    const path = join(profiles(), 'demo.yaml')
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      `Created profile demo at ${path}`,
      'Sample: sample_mcp_with_dcr',
      'Next:',
      '  tunnel-client doctor --profile demo',
      '  tunnel-client run --profile demo',
      'Canonical setup URLs:',
    ])
    expect(stdout).toContain('Create or verify the connector in https://chatgpt.com/#settings/Connectors only while')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(profiles()).mode & 0o777).toBe(0o700)
    expect(readdirSync(profiles())).toEqual(['demo.yaml'])
  })

  it('is told as one document', async () => {
    const {stdout} = await init([...ID, '--mcp-command', 'cat', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      schema_version: 1,
      profile: 'sample_mcp_with_dcr',
      path: join(profiles(), 'sample_mcp_with_dcr.yaml'),
      sample: 'sample_mcp_stdio_local',
      tunnel_id: TUNNEL,
      warnings: [expect.stringContaining('environment variable "CONTROL_PLANE_API_KEY" is not set')],
      next: ['tunnel-client doctor --profile sample_mcp_with_dcr', 'tunnel-client run --profile sample_mcp_with_dcr'],
    })
  })

  it('lies where --profile-dir says, and so do the next commands', async () => {
    const {stdout} = await init([...ID, ...URL, '--profile', 'demo', '--profile-dir', join(home, "it's")])
    expect(existsSync(join(home, "it's", 'demo.yaml'))).toBe(true)
    expect(stdout).toContain(`  tunnel-client run --profile demo --profile-dir '${join(home, "it'\\''s")}'\n`)
  })

  it('takes the tunnel from the environment when no flag names one', async () => {
    const {stdout} = await init([...URL, '--json'], {CONTROL_PLANE_TUNNEL_ID: TUNNEL})
    expect(JSON.parse(stdout).tunnel_id).toBe(TUNNEL)
  })

  it('of a proxy that is not supported yet is saved with a plain word', async () => {
    const {status, stdout} = await init([...ID, ...URL, '--sample', 'sample_mcp_enterprise_proxy'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Warning: run will refuse this profile: .*http_proxy is not supported yet/m)
  })
})

describe('refusals leave nothing behind', () => {
  const word = (text: string) => ['--mcp-command', text]
  it.each<[string, string[], string]>([
    ['no tunnel id', URL, 'tunnel ID is required'],
    ['a bad tunnel id', ['--tunnel-id', 'tunnel_X', ...URL], 'must match tunnel_<32 lowercase letters or digits>'],
    ['no server', ID, 'requires exactly one of --mcp-server-url or --mcp-command'],
    ['two servers', [...ID, ...URL, ...word('cat')], 'requires exactly one of'],
    ['a server that is no URL', [...ID, '--mcp-server-url', 'nope'], 'invalid mcp.server-url: must include scheme'],
    ['a server of another scheme', [...ID, '--mcp-server-url', 'ftp://a/'], 'scheme must be http or https'],
    ['a service that is no URL', [...ID, ...URL, '--control-plane-base-url', 'nope'], 'invalid control-plane.base-url'],
    ['a path that is none', [...ID, ...URL, '--control-plane-url-path', 'v1?x'], 'invalid control-plane.url-path'],
    ['a key', [...ID, ...URL, '--control-plane-api-key-ref', 'sk-hidden-key'], 'use env:VARNAME or file:/path/to/key'],
    ['half a reference', [...ID, ...URL, '--control-plane-api-key-ref', 'env:9x'], 'names no variable behind env:'],
    ['an address', [...ID, ...URL, '--health-listen-addr', 'here'], 'invalid health listen address'],
    ['a sample', [...ID, ...URL, '--sample', 'sample_mcp_with_drc'], 'unknown sample "sample_mcp_with_drc"'],
    ['a name', [...ID, ...URL, '--profile', '../x'], 'invalid profile name "../x"'],
    ['a program that is not there', [...ID, ...word('no-such-program')], 'mcp-command preflight failed: '],
    ['a quote without an end', [...ID, ...word('a "b')], 'mcp-command preflight failed: unterminated quoted string'],
    ['two lines', [...ID, ...word('cat\ncat')], 'must be one line'],
    ['more words', [...ID, ...URL, 'extra'], 'accepts 0 arg(s), received 1'],
  ])('%s', async (_, args, text) => {
    const plain = await init(args)
    expect(plain).toMatchObject({status: 1, stdout: ''})
    expect(plain.stderr).toContain(text)
    expect(plain.stderr.split('\n')).toHaveLength(2)
    const json = await init([...args, '--json'])
    expect(json).toMatchObject({status: 1, stderr: ''})
    expect(JSON.parse(json.stdout).error.message).toContain(text)
    expect(plain.stderr + json.stdout).not.toContain('sk-hidden-key')
    expect(readdirSync(home)).toEqual([])
  })

  it('a program that may not run', async () => {
    writeFileSync(join(home, 'server'), '#!/bin/sh\n', {mode: 0o644})
    const {stderr} = await init([...ID, '--mcp-command', `'${join(home, 'server')}'`])
    expect(stderr).toMatch(/is not executable; fix: chmod \+x/)
    expect(existsSync(profiles())).toBe(false)
  })

  it('a profile that is there keeps its text', async () => {
    mkdirSync(profiles(), {recursive: true})
    writeFileSync(join(profiles(), 'demo.yaml'), 'mine')
    const {status, stderr} = await init([...ID, ...URL, '--profile', 'demo'])
    expect(status).toBe(1)
    expect(stderr).toContain('profile "demo" already exists; pass --force to replace it')
    expect(readFileSync(join(profiles(), 'demo.yaml'), 'utf8')).toBe('mine')
    expect((await init([...ID, ...URL, '--profile', 'demo', '--force'])).status).toBe(0)
    expect(readFileSync(join(profiles(), 'demo.yaml'), 'utf8')).toContain(TUNNEL)
  })
})

describe('what init saves, run accepts', () => {
  it.each([['http'], ['stdio']])('a daemon of a %s profile becomes ready', async (kind) => {
    const [service, stub] = await Promise.all([
      createTunnelService({}),
      createMcpStub({listenAddr: '127.0.0.1:0', serverName: 'stub', serverVersion: '1'}),
    ])
    const key = {MY_KEY: service.runtimeKey.reveal()}
    try {
      const target =
        kind === 'http'
          ? ['--mcp-server-url', stub.mcpUrl]
          : ['--mcp-command', `'${process.execPath}' '${RUN_JS}' dev mcp-stub --stdio`]
      const made = await init(
        [
          ...['--tunnel-id', service.tunnelId, '--control-plane-base-url', service.controlPlaneBaseUrl],
          ...['--control-plane-api-key-ref', 'env:MY_KEY', '--health-listen-addr', '127.0.0.1:0'],
          ...['--profile', 'demo', '--json', ...target],
        ],
        key,
      )
      expect(JSON.parse(made.stdout)).toMatchObject({profile: 'demo', warnings: []})
      const urlFile = join(home, 'health.url')
      const daemon = cli(['run', '--profile', 'demo', '--health.url-file', urlFile], {env: env(key)})
      try {
        await daemon.output(/HEALTH URL|health/i)
        const health = await runCli(['health', '--url-file', urlFile, '--wait', '45s', '--json'], {env: env()})
        expect(JSON.parse(health.stdout)).toMatchObject({result: 'ok', readyz: {ok: true, body: 'ready'}})
        const doctor = await runCli(['doctor', '--profile', 'demo', '--timeout', '60s', '--json'], {env: env(key)})
        expect(JSON.parse(doctor.stdout)).toMatchObject({result: 'ok'})
      } finally {
        await daemon.stop()
      }
    } finally {
      await Promise.all([stub.close(), service.close()])
    }
  })
})

describe('the tunnel service', () => {
  it('is the one of the environment that the id comes from, and is shown', async () => {
    const given = {CONTROL_PLANE_TUNNEL_ID: TUNNEL, CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9443'}
    const {stdout, status} = await init([...URL, '--profile', 'demo'], given)
    expect(status).toBe(0)
    expect(stdout.split('\n')[2]).toBe('Tunnel service: http://127.0.0.1:9443 (env CONTROL_PLANE_BASE_URL)')
    expect(stdout).not.toContain('outranks')
    expect(readFileSync(join(profiles(), 'demo.yaml'), 'utf8')).toContain('base_url: "http://127.0.0.1:9443"')
    const json = await init([...URL, '--profile', 'two', '--json'], given)
    expect(JSON.parse(json.stdout)).toMatchObject({from_env: {CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9443'}})
  })

  it('is the one of the flag when both are given', async () => {
    const {stdout} = await init(
      [...ID, ...URL, '--profile', 'demo', '--control-plane-base-url', 'http://127.0.0.1:1'],
      {
        CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:2',
      },
    )
    expect(readFileSync(join(profiles(), 'demo.yaml'), 'utf8')).toContain('base_url: "http://127.0.0.1:1"')
    expect(stdout).toContain('CONTROL_PLANE_BASE_URL is set in this shell and outranks control_plane.base_url')
  })
})
