// A machine whose resolver swallows every question: commands that need no network must not notice. The resolver is a
// bound socket that never answers, in namespaces of its own, so nothing of this machine is touched.

import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, expect, it} from 'vitest'
import {cleanEnv, RUN_JS} from '../support/cli.ts'
import {NAMESPACES, needs, program} from '../support/parts.ts'

/** Far below one resolver attempt (5 s), far above what a loaded machine needs. */
const BUDGET_MS = 4500

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dead-dns-'))
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:5 attempts:2\n')
  writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files dns\n')
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n')
  writeFileSync(join(folder, 'silent.mjs'), silentResolver)
})

afterAll(() => rmSync(folder, {recursive: true, force: true}))

beforeEach(needs(NAMESPACES, program('ip', 'iproute2'), program('mount', 'mount')))

/** Binds port 53, says nothing, runs the command and reports how it went; kills it when it takes far too long. */
const silentResolver = `
import {spawnSync} from 'node:child_process'
import {createSocket} from 'node:dgram'
const socket = createSocket('udp4')
await new Promise((resolve) => socket.bind(53, '127.0.0.1', resolve))
const began = performance.now()
const {status, signal} = spawnSync(process.execPath, process.argv.slice(2), {timeout: 20000, killSignal: 'SIGKILL', stdio: 'ignore'})
console.log(JSON.stringify({status, signal, ms: Math.round(performance.now() - began)}))
socket.close()
`

function withDeadResolver(args: readonly string[]): {status: number | null; signal: string | null; ms: number} {
  const script = [
    'ip link set lo up',
    `for f in resolv.conf nsswitch.conf hosts; do mount --bind "${folder}/$f" "/etc/$f"; done`,
    'exec "$@"',
  ].join(' && ')
  const ran = spawnSync(
    'unshare',
    ['-n', '-m', 'sh', '-c', script, 'sh', process.execPath, join(folder, 'silent.mjs'), ...args],
    {encoding: 'utf8', env: cleanEnv(), timeout: 30_000},
  )
  if (ran.status !== 0) throw new Error(`the experiment failed: ${ran.stderr}`)
  return JSON.parse(ran.stdout)
}

it('is dead for whoever asks it', () => {
  const lookup = "require('dns').lookup('mcp.example.com', () => {})"
  expect(withDeadResolver(['-e', lookup]).ms).toBeGreaterThan(BUDGET_MS)
}, 40_000)

it.each([
  [['--version'], 0],
  [['--help'], 0],
  [['doctor', '--help'], 0],
  [['nonsense'], 1],
  [['health', '--url', 'http://127.0.0.1:9'], 2],
  [['health', '--url', 'http://tunnel.example.com:9'], 2],
  [['run', '--control-plane.tunnel-id', 'bad'], 1],
  [['run', '--config', '/nonexistent.yaml', '--json'], 1],
])(
  'does not hold up tunnel-client %j',
  (args, status) => {
    const ran = withDeadResolver([RUN_JS, ...args])
    expect(ran).toMatchObject({status, signal: null})
    expect(ran.ms).toBeLessThan(BUDGET_MS)
  },
  40_000,
)
