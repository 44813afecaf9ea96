// A tunnel service, an MCP server and a daemon whose every string carries escape sequences and line breaks: no command lets
// one of them steer the terminal or forge a line.

import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {type Cli, cleanEnv, cli, RUN_JS, runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {needs, program} from '../support/parts.ts'
import {type ScriptedControlPlane, scriptedControlPlane} from '../support/scripted-control-plane.ts'
import {FORGED, HOSTILE, type HostileTextServer, hostileTextServer} from '../support/servers/hostile-text-server.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
const MANIFEST = JSON.parse(readFileSync(fileURLToPath(new URL('../../oclif.manifest.json', import.meta.url)), 'utf8'))

/** Controls but LF and tab, bidi controls, line and paragraph separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g

let home = ''
let answering: HostileTextServer
let refusing: HostileTextServer
let plane: ScriptedControlPlane
let daemon: Cli
let daemonUrl = ''
const env: Record<string, string> = {CONTROL_PLANE_API_KEY: 'key-of-a-runtime', OPENAI_ADMIN_KEY: 'key-of-an-admin'}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'hostile-'))
  env.HOME = home
  answering = await hostileTextServer({tunnelId: TUNNEL})
  refusing = await hostileTextServer({tunnelId: TUNNEL})
  refusing.refuse = 403
  plane = await scriptedControlPlane({tunnelId: TUNNEL})
  plane.onMetadata = (_, response) => {
    response.writeHead(200, {'content-type': 'application/json'})
    response.end(JSON.stringify({id: TUNNEL, name: HOSTILE, description: HOSTILE}))
    return true
  }
  // A daemon of ours with hostile calls behind it, and a hostile child beside it.
  const child = join(home, 'child.mjs')
  writeFileSync(child, `process.stderr.write(${JSON.stringify(`${HOSTILE}\n`)}); process.stdin.resume()`)
  const urlFile = join(home, 'health.url')
  daemon = cli(
    [
      ...['run', '--control-plane.base-url', plane.origin.origin, '--control-plane.tunnel-id', TUNNEL],
      ...[
        '--mcp.server-url',
        `${answering.url}/mcp`,
        '--mcp.command',
        `channel=child,command=${process.execPath} ${child}`,
      ],
      ...['--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile],
    ],
    {env, cwd: home},
  )
  daemonUrl = await eventually('the URL file', () => readFileSync(urlFile, 'utf8').trim())
  plane.enqueue({
    ...{request_id: 'req_hostile', shard_token: 's', command_type: 'jsonrpc', channel: 'main', headers: {}},
    ...{created_at: new Date().toISOString(), response_timeout_ms: 20_000},
    jsonrpc: {jsonrpc: '2.0', id: HOSTILE, method: 'tools/call', params: {name: HOSTILE, arguments: {}}},
  })
  await plane.terminal('req_hostile')
}, 90_000)
afterAll(async () => {
  await daemon?.stop()
  await Promise.all([answering, refusing, plane].map((peer) => peer?.close()))
  rmSync(home, {recursive: true, force: true, maxRetries: 5})
})

const at = (peer: HostileTextServer): string[] => ['--control-plane-base-url', peer.url]
const doctor = (peer: {url: string}): string[] => [
  ...['doctor', '--timeout', '20s', '--control-plane.base-url', peer.url, '--control-plane.tunnel-id', TUNNEL],
  ...['--mcp.server-url', `${answering.url}/mcp`, '--health.listen-addr', '127.0.0.1:0'],
]
const list = (peer: HostileTextServer): string[] => ['runtimes', 'list', '--organization-id', 'org_1', ...at(peer)]
const admin = (verb: string, peer: HostileTextServer, ...args: string[]): string[] => [
  ...['admin', 'tunnels', verb, ...args, ...at(peer)],
]
const made = ['--name', 'a', '--description', 'b', '--workspace-id', 'w']

/** Argument lists by command, each run in text and with --json. */
const ROWS: Readonly<Record<string, () => string[][]>> = {
  doctor: () => [
    doctor(answering),
    doctor(refusing),
    [...doctor(refusing), '--explain'],
    doctor({url: plane.origin.origin}),
  ],
  health: () => [
    ['health', '--url', answering.url],
    ['health', '--url', refusing.url],
    ['health', '--url', daemonUrl],
  ],
  trace: () => [
    ...[
      ['trace', '--url', answering.url],
      ['trace', '--url', refusing.url],
      ['trace', '--url', daemonUrl],
    ],
    ['trace', 'req_hostile', '--url', daemonUrl],
  ],
  'admin:tunnels:list': () => [
    admin('list', answering, '--organization-id', 'o'),
    admin('list', refusing, '--organization-id', 'o'),
  ],
  'admin:tunnels:get': () => [admin('get', answering, TUNNEL), admin('get', refusing, TUNNEL)],
  'admin:tunnels:create': () => [admin('create', answering, ...made), admin('create', refusing, ...made)],
  'admin:tunnels:update': () => [
    admin('update', answering, TUNNEL, '--name', 'x'),
    admin('update', refusing, TUNNEL, '--name', 'x'),
  ],
  'admin:tunnels:delete': () => [
    admin('delete', answering, TUNNEL, '--confirm'),
    admin('delete', refusing, TUNNEL, '--confirm'),
  ],
  'runtimes:list': () => [list(answering), list(refusing)],
  'runtimes:create': () => [
    ['runtimes', 'create', '--alias', 'a', '--organization-id', 'org_1', ...at(answering)],
    ['runtimes', 'create', '--alias', 'b', '--organization-id', 'org_1', ...at(refusing)],
  ],
  'runtimes:status': () => [['runtimes', 'status', 'a']],
}

const LOCAL = 'shows what is on this machine'
const SERVES = 'serves until it is stopped; its log is that of run'
/** Commands without a row, and why. */
const EXEMPT: Readonly<Record<string, string>> = Object.fromEntries([
  ...['activate', 'delete', 'list', 'set'].map((verb) => [`admin-profiles:${verb}`, LOCAL]),
  ...['version', 'config'].map((verb) => [`cloudflared:${verb}`, 'only refuses']),
  ...['diagnose', 'install', 'status', 'uninstall', 'upgrade'].map((verb) => [`codex:${verb}`, LOCAL]),
  ...['export', 'install', 'status', 'uninstall'].map((verb) => [`codex:plugin:${verb}`, LOCAL]),
  ...['export', 'install', 'uninstall'].map((verb) => [`plugin:codex:${verb}`, LOCAL]),
  ...['add', 'edit', 'list', 'path', 'rm', 'remove', 'show', 'validate'].map((verb) => [`profiles:${verb}`, LOCAL]),
  ...['samples:list', 'samples:show'].map((verb) => [`profiles:${verb}`, LOCAL]),
  ...['complete', 'completion', 'help', 'init'].map((name) => [name, LOCAL]),
  ...['demo', 'mcp-stub', 'proxy', 'tunnel-service'].map((verb) => [`dev:${verb}`, SERVES]),
  ['codex:mcp-server', 'writes JSON-RPC'],
  ['run', 'has a test of its own below'],
  ...['cleanup', 'connect', 'logs', 'rm', 'remove', 'stop', 'disconnect'].map((verb) => [`runtimes:${verb}`, LOCAL]),
])

test('every command has a row, or a reason to have none', () => {
  const named = [...Object.keys(ROWS), ...Object.keys(EXEMPT)].toSorted()
  expect(named).toEqual(Object.keys(MANIFEST.commands).toSorted())
})

/** Fails when a text could steer a terminal, or has a line that its peer wrote. */
function expectHarmless(text: string, what: string): void {
  const unsafe = [...new Set(text.match(UNSAFE))].map((char) => `U+${char.codePointAt(0)!.toString(16)}`)
  const forged = text.split('\n').filter((line) => line.trimStart().startsWith(FORGED))
  expect({what, unsafe, forged}).toEqual({what, unsafe: [], forged: []})
}

describe.each(Object.keys(ROWS))('%s', (command) => {
  test('in a pipe, as text and as JSON', async () => {
    const runs = ROWS[command]!().flatMap((args) => [args, [...args, '--json']])
    const outputs = await Promise.all(runs.map((args) => runCli(args, {env, cwd: home})))
    for (const [index, {stdout, stderr}] of outputs.entries()) {
      const args = runs[index]!
      expectHarmless(stdout, `stdout of ${args.join(' ')}`)
      expectHarmless(stderr, `stderr of ${args.join(' ')}`)
      if (args.includes('--json')) JSON.parse(stdout)
    }
    // Without hostile text the row would say nothing.
    if (command !== 'runtimes:status')
      expect(outputs.some(({stdout, stderr}) => (stdout + stderr).includes(FORGED))).toBe(true)
  }, 180_000)
})

describe('at a terminal', () => {
  beforeEach(needs(program('script', 'bsdutils')))

  test.each(['doctor', 'health', 'trace', 'admin:tunnels:list', 'runtimes:list'])(
    '%s',
    async (command) => {
      const runs = ROWS[command]!()
      const outputs = await Promise.all(runs.map(shownAtTerminal))
      for (const [index, shown] of outputs.entries()) expectHarmless(shown, runs[index]!.join(' '))
      expect(outputs.join('')).toContain(FORGED)
    },
    180_000,
  )
})

/** What a command shows at a terminal, with the line ends of a pipe. Its stdin stays open: `script` ends with its own. */
async function shownAtTerminal(args: readonly string[]): Promise<string> {
  const line = [process.execPath, RUN_JS, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: cleanEnv({...env, TERM: 'dumb', NO_COLOR: '1'}),
    cwd: home,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  await once(child, 'close')
  return shown.replaceAll('\r\n', '\n')
}

test('run: its log and what its children write to stderr', () => {
  expectHarmless(daemon.stdout(), 'stdout of run')
  expectHarmless(daemon.stderr(), 'stderr of run')
  expect(daemon.stdout() + daemon.stderr()).toContain(FORGED)
})
