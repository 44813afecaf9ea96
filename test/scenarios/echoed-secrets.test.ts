// A tunnel service, an MCP server and a daemon that quote what they received: no command shows a configured secret.

import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test, vi} from 'vitest'
import {type Cli, cli, runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {type ScriptedControlPlane, scriptedControlPlane} from '../support/scripted-control-plane.ts'
import {Canaries, type Parrot, quotesOf, refusingParrot, speakingParrot} from '../support/servers/parrot.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'

vi.setConfig({testTimeout: 180_000, hookTimeout: 60_000})

const canaries = new Canaries()
const env: Record<string, string> = {
  CONTROL_PLANE_API_KEY: canaries.make('runtime key'),
  OPENAI_ADMIN_KEY: canaries.make('admin key'),
  CONTROL_PLANE_EXTRA_HEADERS: `X-Gateway: ${canaries.make('control-plane header', (core) => `gw/${core}+"<x>"`)}`,
  MCP_EXTRA_HEADERS: [
    `X-Service-Token: ${canaries.make('MCP header', (core) => `mcp+${core}/"&`)}`,
    `X-Login: Basic ${Buffer.from(canaries.make('password', (core) => `operator:${core}`)).toString('base64')}`,
  ].join('\n'),
}
const query = canaries.make('query value')
const caller = canaries.make('token of a caller')
const cookie = canaries.make('cookie of a caller')

let home = ''
let refusing: Parrot
let failing: Parrot
let speaking: Parrot
let service: ScriptedControlPlane
const started: Cli[] = []

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'echoed-'))
  env.HOME = home
  refusing = await refusingParrot(401)
  failing = await refusingParrot(500)
  speaking = await speakingParrot()
  service = await scriptedControlPlane({tunnelId: TUNNEL})
  service.onMetadata = (request, response) => {
    const quotes = quotesOf(request)
    response.writeHead(200, {'content-type': 'application/json'})
    response.end(JSON.stringify({id: TUNNEL, name: `named ${quotes}`, description: quotes}))
    return true
  }
})
afterAll(async () => {
  for (const one of started) await one.stop()
  await Promise.all([refusing, failing, speaking, service].map((peer) => peer?.close()))
  rmSync(home, {recursive: true, force: true, maxRetries: 5})
})

/** Fails when a text holds a canary, and shows where. */
function expectClean(text: string, what: string): void {
  const found = canaries.in(text)
  const lines = text.split('\n').filter((line) => canaries.in(line).length > 0)
  expect({what, found, lines: lines.map((line) => line.slice(0, 600))}).toEqual({what, found: [], lines: []})
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test('the canaries are found when they are there', () => {
  const text = quotesOf({headers: {authorization: `Bearer ${env.CONTROL_PLANE_API_KEY}`}} as never)
  for (const part of text.split(' ; ').slice(1)) {
    if (part.startsWith('?') || /^[^a-z]*$/i.test(part) || part.includes('?')) continue
    expect(canaries.in(part), part).not.toEqual([])
  }
})

const doctor = (serviceUrl: string, target: string, ...more: string[]): string[] => [
  ...['doctor', '--timeout', '20s', '--control-plane.base-url', serviceUrl, '--control-plane.tunnel-id', TUNNEL],
  ...['--mcp.server-url', target, '--health.listen-addr', '127.0.0.1:0', ...more],
]

const once: Readonly<Record<string, () => readonly string[]>> = {
  'doctor, refused': () => doctor(refusing.url, `${refusing.url}/mcp?api_token=${query}`),
  'doctor --explain, refused': () => doctor(refusing.url, `${refusing.url}/mcp?api_token=${query}`, '--explain'),
  'doctor --json, refused': () => doctor(refusing.url, `${refusing.url}/mcp?api_token=${query}`, '--json'),
  'doctor --json, failing': () => doctor(failing.url, `${failing.url}/mcp?api_token=${query}`, '--json'),
  'doctor --explain, failing': () => doctor(failing.url, `${failing.url}/mcp?api_token=${query}`, '--explain'),
  'doctor, a server that quotes': () => doctor(service.origin.origin, `${speaking.url}/mcp?api_token=${query}`),
  'doctor --json, a server that quotes': () =>
    doctor(service.origin.origin, `${speaking.url}/mcp?api_token=${query}`, '--json'),
  'admin tunnels list': () => ['admin', 'tunnels', 'list', '--organization-id', 'org_1', ...base(refusing)],
  'admin tunnels list --json': () => ['admin', 'tunnels', 'list', '--organization-id', 'o', '--json', ...base(failing)],
  'admin tunnels get': () => ['admin', 'tunnels', 'get', TUNNEL, ...base(refusing)],
  'admin tunnels create': () => [
    'admin',
    'tunnels',
    'create',
    '--name',
    'a',
    '--description',
    'b',
    '--workspace-id',
    'w',
    ...base(refusing),
  ],
  'admin tunnels update': () => ['admin', 'tunnels', 'update', TUNNEL, '--name', 'a', '--json', ...base(refusing)],
  'admin tunnels delete': () => ['admin', 'tunnels', 'delete', TUNNEL, '--confirm', ...base(failing)],
  'runtimes list': () => ['runtimes', 'list', '--organization-id', 'org_1', ...base(refusing)],
  'runtimes list --json': () => ['runtimes', 'list', '--organization-id', 'org_1', '--json', ...base(failing)],
  'runtimes create': () => ['runtimes', 'create', '--alias', 'a', '--organization-id', 'org_1', ...base(refusing)],
  health: () => ['health', '--url', refusing.url.replace('//', `//user:${query}@`)],
  'health --json': () => ['health', '--url', refusing.url.replace('//', `//user:${query}@`), '--json'],
  trace: () => ['trace', '--url', refusing.url.replace('//', `//user:${query}@`)],
  'trace --json': () => ['trace', '--url', refusing.url.replace('//', `//user:${query}@`), '--json'],
  'codex status': () => ['codex', 'status', '--json', '--codex-home', join(home, '.codex')],
  'a wrong configuration': () => ['run', '--control-plane.base-url', `http://user:${query}@127.0.0.1:x/`],
  'a wrong configuration, --json': () => ['run', '--json', '--control-plane.base-url', `ftp://user:${query}@h/`],
}

const base = (peer: Parrot): string[] => ['--control-plane-base-url', peer.url]

test.each(Object.keys(once))('%s', async (name) => {
  const {stdout, stderr} = await runCli(once[name]!(), {env, cwd: home})
  expectClean(stdout, 'stdout')
  expectClean(stderr, 'stderr')
  // Without a quote the test would say nothing.
  if (/^(?:doctor|admin|runtimes list)/.test(name)) expect(`${stdout}${stderr}`).toContain('[REDACTED]')
  expect(`${stdout}${stderr}`).not.toBe('')
})

test('profiles: init, validate and what run says of one', async () => {
  const flags = ['--tunnel-id', TUNNEL, '--profile', 'p', '--control-plane-base-url', failing.url]
  const runs = [
    ['init', ...flags, '--mcp-server-url', `${refusing.url}/mcp?api_token=${query}`],
    ['profiles', 'validate', 'p', '--json'],
    ['profiles', 'show', 'p'],
    ['doctor', '--profile', 'p', '--timeout', '20s', '--explain'],
  ]
  for (const args of runs) {
    const {stdout, stderr} = await runCli(args, {env, cwd: home})
    expectClean(`${stdout}${stderr}`, args.join(' '))
  }
})

test.each(['default', 'struct-text', 'json'])('run: log in %s, operator surface, files', async (format) => {
  const urlFile = join(home, `health-${format}.url`)
  const logFile = join(home, `${format}.log`)
  const daemon = cli(
    [
      ...['run', '--control-plane.base-url', service.origin.origin, '--control-plane.tunnel-id', TUNNEL],
      ...['--mcp.server-url', `channel=main,url=${speaking.url}/mcp?api_token=${query}`],
      ...['--mcp.server-url', `channel=broken,url=${failing.url}/mcp?api_token=${query}`],
      ...['--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile],
      ...(format === 'default' ? [] : ['--log.level', 'debug', '--log.format', format]),
      ...(format === 'json' ? ['--log.file', logFile] : []),
    ],
    {env, cwd: home},
  )
  started.push(daemon)
  const url = await eventually('the URL file', () => readFileSync(urlFile, 'utf8').trim())
  const headers = {Authorization: [`Bearer ${caller}`], Cookie: [`session=${cookie}`]}
  for (const channel of ['main', 'broken']) {
    const id = `req_${format}_${channel}`
    service.enqueue({
      ...{request_id: id, shard_token: 'shard-1', command_type: 'jsonrpc', channel, headers},
      ...{created_at: new Date().toISOString(), response_timeout_ms: 20_000},
      jsonrpc: {jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name: 'x', arguments: {}}},
    })
    await service.terminal(id)
  }
  for (const path of [
    '/readyz',
    '/readyz?format=json',
    '/health?details=true',
    '/metrics',
    '/api/state',
    '/api/calls',
    '/',
  ]) {
    expectClean(await (await fetch(`${url}${path}`)).text(), path)
  }
  for (const args of [
    ['trace', '--url', url, '--json'],
    ['health', '--url', url],
  ]) {
    const {stdout, stderr} = await runCli(args, {env, cwd: home})
    expectClean(`${stdout}${stderr}`, args.join(' '))
  }
  await daemon.stop()
  const log = `${daemon.stdout()}${daemon.stderr()}${format === 'json' ? readFileSync(logFile, 'utf8') : ''}`
  expect(log).toContain(`req_${format}_main`)
  expect(log).toContain('[REDACTED]')
  expectClean(log, 'log')
})

test('dev proxy', async () => {
  const infoFile = join(home, 'proxy.json')
  const proxy = cli(
    ['dev', 'proxy', '--mcp-server-url', `${speaking.url}/mcp?api_token=${query}`, '--url-file', infoFile],
    {env, cwd: home},
  )
  started.push(proxy)
  const info = await eventually('the info file', () => JSON.parse(readFileSync(infoFile, 'utf8')))
  const answer = await fetch(String(info.mcp_url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${caller}`,
    },
    body: JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name: 'x', arguments: {}}}),
  })
  await answer.text()
  await proxy.stop()
  expectClean(`${proxy.stdout()}${proxy.stderr()}`, 'dev proxy')
})

test('a runtime whose service refuses: connect, status, logs, stop, and what they leave', async () => {
  const alias = ['--alias', 'refused']
  const runs = [
    [
      ...['connect', ...alias, '--tunnel-id', TUNNEL, '--runtime-api-key', 'env:CONTROL_PLANE_API_KEY'],
      ...['--control-plane-base-url', refusing.url, '--mcp-server-url', `${speaking.url}/mcp`, '--json'],
    ],
    ['status', 'refused'],
    ['status', 'refused', '--json'],
    ['list'],
    ['logs', 'refused'],
    ['logs', 'refused', '--raw'],
    ['stop', 'refused', '--json'],
    ['rm', 'refused', '--json'],
  ]
  for (const args of runs) {
    const {stdout, stderr} = await runCli(['runtimes', ...args], {env, cwd: home})
    expectClean(`${stdout}${stderr}`, args.join(' '))
  }
})

test('no file of the home holds one', () => {
  // The profile holds the address that was given to init.
  for (const path of filesBelow(home).filter((file) => !file.endsWith('/p.yaml'))) {
    expectClean(readFileSync(path, 'latin1'), path)
  }
})
