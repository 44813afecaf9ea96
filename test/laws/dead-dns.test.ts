// A machine whose resolver swallows every question: commands that need no network must not notice. The resolver is a
// bound socket that never answers, in namespaces of its own, so nothing of this machine is touched. It counts what it is
// asked: that says more than a clock, on a busy machine, too.

import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, expect, it} from 'vitest'
import {cleanEnv, RUN_JS} from '../support/cli.ts'
import {NAMESPACES, needs, program} from '../support/parts.ts'

/** What one attempt of the resolver takes; two of them are made. Whoever waits for it is killed before the first is over. */
const ATTEMPT_S = 30

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dead-dns-'))
  writeFileSync(join(folder, 'resolv.conf'), `nameserver 127.0.0.1\noptions timeout:${ATTEMPT_S} attempts:2\n`)
  writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files dns\n')
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n')
  writeFileSync(join(folder, 'silent.mjs'), silentResolver)
})

afterAll(() => rmSync(folder, {recursive: true, force: true}))

beforeEach(needs(NAMESPACES, program('ip', 'iproute2'), program('mount', 'mount')))

/** Binds port 53, says nothing, runs the command (first argument: at most so many milliseconds) and reports how it went. */
const silentResolver = `
import {spawn} from 'node:child_process'
import {createSocket} from 'node:dgram'
const [limit, ...args] = process.argv.slice(2)
const socket = createSocket('udp4')
let questions = 0
socket.on('message', () => questions++)
await new Promise((resolve) => socket.bind(53, '127.0.0.1', resolve))
const child = spawn(process.execPath, args, {timeout: Number(limit), killSignal: 'SIGKILL', stdio: 'ignore'})
child.on('exit', (status, signal) => {
  // What was asked just before the end is in the socket by now, and is read in the next turns.
  setTimeout(() => {
    console.log(JSON.stringify({status, signal, questions}))
    socket.close()
  }, 50)
})
`

interface Ran {
  readonly status: number | null
  readonly signal: string | null
  readonly questions: number
}

function withDeadResolver(args: readonly string[], limitMs = (ATTEMPT_S - 5) * 1000): Ran {
  const script = [
    'ip link set lo up',
    `for f in resolv.conf nsswitch.conf hosts; do mount --bind "${folder}/$f" "/etc/$f"; done`,
    'exec "$@"',
  ].join(' && ')
  const command = [process.execPath, join(folder, 'silent.mjs'), String(limitMs), ...args]
  const ran = spawnSync('unshare', ['-n', '-m', 'sh', '-c', script, 'sh', ...command], {
    encoding: 'utf8',
    env: cleanEnv(),
  })
  if (ran.status !== 0) throw new Error(`the experiment failed: ${ran.stderr}`)
  return JSON.parse(ran.stdout)
}

it('is dead for whoever asks it', () => {
  const lookup = "require('dns').lookup('mcp.example.com', () => {})"
  const ran = withDeadResolver(['-e', lookup], 6000)
  expect(ran).toMatchObject({status: null, signal: 'SIGKILL'})
  expect(ran.questions).toBeGreaterThan(0)
})

it.each([
  [['--version'], 0],
  [['--help'], 0],
  [['doctor', '--help'], 0],
  [['nonsense'], 1],
  [['health', '--url', 'http://127.0.0.1:9'], 2],
  [['run', '--control-plane.tunnel-id', 'bad'], 1],
  [['run', '--config', '/nonexistent.yaml', '--json'], 1],
])('is not asked by tunnel-client %j', (args, status) => {
  expect(withDeadResolver([RUN_JS, ...args])).toEqual({status, signal: null, questions: 0})
})

it('does not hold up a command that asks it: it has a time of its own', () => {
  const ran = withDeadResolver([RUN_JS, 'health', '--url', 'http://tunnel.example.com:9'])
  expect(ran).toMatchObject({status: 2, signal: null})
  expect(ran.questions).toBeGreaterThan(0)
})
