// What people and machines throw at the toolkit: every case has a clear error, the right exit status, exactly one JSON
// document with --json, and leaves everything as it was.

import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {runCli} from '../support/cli.ts'

/** A home whose path has blanks, quotes and a dollar sign. */
let home = ''
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hostile-'))
  home = join(root, `a "home" of $USER's`)
  mkdirSync(home)
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

interface Case {
  /** Arguments; `~` stands for the home. */
  readonly args: readonly string[]
  /** What stderr must say. */
  readonly says: RegExp
  readonly status?: number
  readonly env?: Readonly<Record<string, string>>
  /** Files of the home before the command runs. */
  readonly files?: Readonly<Record<string, string>>
}

const CANARY = 'sk-canary-0123456789abcdef'
const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
const CONFIG = '.config/tunnel-client'
const STATE = '.local/state/tunnel-client'
const init = (...more: string[]): string[] => [
  'init',
  '--sample',
  'sample_mcp_stdio_local',
  '--tunnel-id',
  TUNNEL,
  '--mcp-command',
  'node',
  ...more,
]
const connect = (...more: string[]): string[] => [
  'runtimes',
  'connect',
  '--tunnel-id',
  TUNNEL,
  '--runtime-api-key',
  'env:KEY',
  ...more,
]

const CASES: Readonly<Record<string, Case>> = {
  'a profile name that climbs': {args: init('--profile', '../../etc/x'), says: /path separators/},
  'a profile name with blanks': {args: init('--profile', 'my profile'), says: /use letters, numbers/},
  'a profile named ..': {args: init('--profile', '..'), says: /invalid profile name/},
  'a profile that exists': {
    args: init('--profile', 'demo'),
    says: /already exists.*--force/,
    files: {[`${CONFIG}/demo.yaml`]: 'config_version: 1\n'},
  },
  'an unknown sample': {args: ['init', '--sample', 'nope', '--tunnel-id', TUNNEL, '--profile', 'x'], says: /nope/},
  'a literal key for a reference': {
    args: init('--profile', 'x', '--control-plane-api-key-ref', CANARY),
    says: /env:.*file:/,
  },
  'a program that is not there': {
    args: [
      'init',
      '--sample',
      'sample_mcp_stdio_local',
      '--tunnel-id',
      TUNNEL,
      '--profile',
      'x',
      '--mcp-command',
      'no-such-program',
    ],
    says: /no-such-program.*not found/,
  },
  'a configuration folder that is a file': {
    args: init('--profile', 'x'),
    says: /\.config/,
    files: {'.config': 'in the way'},
  },
  'a profile folder that cannot be made': {args: init('--profile', 'x', '--profile-dir', '/proc/nope'), says: /\/proc/},
  'showing a profile that is not there': {args: ['profiles', 'show', 'nope'], says: /nope/},
  'removing a profile that is not there': {args: ['profiles', 'rm', 'nope'], says: /nope/},
  'adding from a file that is not there': {
    args: ['profiles', 'add', 'x', '--from-file', '~/nope.yaml'],
    says: /nope\.yaml/,
  },
  'adding a file that is no YAML': {
    args: ['profiles', 'add', 'x', '--from-file', '~/bad.yaml'],
    says: /bad\.yaml/,
    files: {'bad.yaml': 'control_plane: [\n'},
  },
  'editing without an editor': {
    args: ['profiles', 'edit', 'demo'],
    says: /EDITOR/,
    files: {[`${CONFIG}/demo.yaml`]: 'config_version: 1\n'},
  },
  'running a profile that is not there': {args: ['run', '--profile', 'nope'], says: /nope\.yaml/},
  'two selectors at once': {args: ['run', '--profile', 'a', '--config', 'b'], says: /mutually exclusive/},
  'a profile file that is no YAML file': {args: ['run', '--profile-file', '~/x.txt'], says: /must end with \.yaml/},
  'managing tunnels without a key': {
    args: ['admin', 'tunnels', 'list', '--tenant-id', 't'],
    says: /admin key is required/,
  },
  'a literal admin key': {
    args: ['admin', 'tunnels', 'list', '--tenant-id', 't', '--admin-key', CANARY],
    says: /env: or file: prefixes/,
  },
  'deleting without saying so twice': {
    args: ['admin', 'tunnels', 'delete', TUNNEL],
    says: /refusing to delete without --confirm/,
  },
  'two scopes at once': {
    args: ['admin', 'tunnels', 'list', '--tenant-id', 't', '--organization-id', 'o'],
    says: /exactly one/,
    env: {OPENAI_ADMIN_KEY: CANARY},
  },
  'a service that nobody runs': {
    args: ['admin', 'tunnels', 'list', '--tenant-id', 't', '--control-plane.base-url', 'http://127.0.0.1:9'],
    says: /127\.0\.0\.1:9.*nobody listens/,
    env: {OPENAI_ADMIN_KEY: CANARY},
  },
  'an admin profile with a literal key': {
    args: ['admin-profiles', 'set', 'x', '--admin-key', CANARY],
    says: /env:.*file:/,
  },
  'an admin profile that is not there': {args: ['admin-profiles', 'activate', 'nope'], says: /nope/},
  'a runtime that is not there': {args: ['runtimes', 'stop', 'nope'], says: /nope/},
  'logs of a runtime that is not there': {args: ['runtimes', 'logs', 'nope'], says: /nope/},
  'a runtime without a target': {args: connect('--alias', 'x'), says: /--mcp-command|--mcp-server-url/},
  'a secret in a runtime command': {
    args: connect('--alias', 'x', '--mcp-command', `node server.js --token ${CANARY}`),
    says: /secret/i,
  },
  'a state root that is a file': {
    args: connect('--alias', 'x', '--mcp-command', 'node'),
    says: /state/,
    files: {'.local/state': 'in the way'},
    env: {KEY: CANARY},
  },
  'records that are broken': {
    args: ['runtimes', 'list'],
    says: /aliases\.yaml/,
    files: {[`${STATE}/aliases.yaml`]: '{"aliases": {'},
  },
  'a Codex home that is a file': {
    args: ['codex', 'plugin', 'install'],
    says: /\.codex/,
    files: {'.codex': 'in the way'},
  },
  'a Codex configuration that is broken': {
    args: ['codex', 'plugin', 'install'],
    says: /config\.toml/,
    files: {'.codex/config.toml': 'model = \n', '.local/share/tunnel-client/here': ''},
  },
  'a shell that we do not know': {args: ['completion', 'tcsh'], says: /tcsh/},
  'a topic that is not there': {args: ['help', 'nope'], says: /nope/},
  'a misspelt command': {args: ['runtimes', 'lst'], says: /Did you mean tunnel-client runtimes list/},
  'a flag that is not there': {args: ['profiles', 'list', '--nope'], says: /unknown flag: --nope/},
  'the companion that we refuse': {args: ['cloudflared', 'version'], says: /cloudflared/},
}

test.each(Object.entries(CASES))('%s', async (_name, {args, says, status = 1, env = {}, files = {}}) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), {recursive: true})
    writeFileSync(join(home, path), text)
  }
  const before = snapshot()
  const argv = args.map((arg) => arg.replace(/^~/, home))
  const options = {
    env: {
      HOME: home,
      PATH: '/usr/bin:/bin',
      EDITOR: undefined,
      VISUAL: undefined,
      XDG_CONFIG_HOME: undefined,
      XDG_STATE_HOME: undefined,
      CODEX_HOME: undefined,
      ...env,
    },
    cwd: home,
  }

  const text = await runCli(argv, options)
  expect(text.stderr).toMatch(says)
  expect(
    text.stderr
      .trim()
      .split('\n')
      .every((line) => !/^\s+at /.test(line)),
    text.stderr,
  ).toBe(true)
  expect([text.status, text.stdout]).toEqual([status, ''])

  const json = await runCli([...argv, '--json'], options)
  expect(json.status).toBe(status)
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: {message: expect.stringMatching(/./), code: expect.stringMatching(/./)},
  })
  expect(`${text.stderr}${json.stdout}${json.stderr}`).not.toContain(CANARY)
  expect(snapshot()).toEqual(before)
})

/** Every file of the home with its content, so that anything half-written shows. */
function snapshot(): Record<string, string> {
  const seen: Record<string, string> = {}
  for (const entry of readdirSync(home, {recursive: true, encoding: 'utf8'})) {
    const path = join(home, entry)
    seen[entry] = statSync(path).isDirectory() ? 'folder' : readFileSync(path, 'utf8')
  }
  return seen
}
