import {spawn} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import {noInspector} from '../../src/foundation/platform/index.ts'
import {TUNNEL as RUN_TUNNEL, runWorld} from '../commands/run/world.ts'
import {runtimesWorld} from '../commands/runtimes/world.ts'
import {cleanEnv, cli, RUN_JS, watchProgram} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {handlesSignal, inspectorPorts, listeningPorts, PROC} from '../support/listening.ts'
import {needs} from '../support/parts.ts'

const SIGUSR1 = 10

beforeEach(needs(PROC))

/** Signals every millisecond from the moment on at which Node would answer by opening its inspector. */
async function storm(pid: number, until: () => boolean): Promise<void> {
  await eventually('a handler of SIGUSR1', () => handlesSignal(pid, SIGUSR1), {everyMs: 1})
  while (!until()) {
    process.kill(pid, 'SIGUSR1')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** No inspector now, and none after more signals. */
async function expectNoInspector(pid: number): Promise<void> {
  await eventually('a closed inspector', async () => (await inspectorPorts(pid)).length === 0, {timeoutMs: 10_000})
  for (let count = 0; count < 20; count += 1) process.kill(pid, 'SIGUSR1')
  const before = listeningPorts(pid)
  const end = performance.now() + 300
  while (performance.now() < end) {
    expect(await inspectorPorts(pid)).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(listeningPorts(pid)).toEqual(before)
  expect(() => process.kill(pid, 0)).not.toThrow()
}

test('Node itself opens its inspector, so that these tests can fail', async () => {
  const bare = watchProgram([process.execPath, '--inspect-port=0', '-e', 'setTimeout(() => {}, 60_000)'])
  try {
    await eventually('a handler of SIGUSR1', () => handlesSignal(bare.pid, SIGUSR1))
    process.kill(bare.pid, 'SIGUSR1')
    await eventually('an inspector', async () => (await inspectorPorts(bare.pid)).length === 1)
  } finally {
    bare.kill('SIGKILL')
  }
})

test('a Node process that we start never opens its inspector, from its first instruction on', async () => {
  const program = "process.on('SIGUSR1', () => {}); setTimeout(() => {}, 60_000)"
  const bare = watchProgram([process.execPath, ...noInspector(), '-e', program])
  try {
    const end = performance.now() + 500
    await storm(bare.pid, () => performance.now() > end)
    expect(listeningPorts(bare.pid)).toEqual([])
    expect(bare.stderr()).not.toContain('Debugger listening')
  } finally {
    bare.kill('SIGKILL')
  }
})

describe('no SIGUSR1 opens the inspector of', () => {
  const world = runWorld()

  test.each<[string, readonly string[], RegExp]>([
    ['dev tunnel-service', ['dev', 'tunnel-service', '--print-json'], /\{[^}]*\}\n/],
    ['dev mcp-stub', ['dev', 'mcp-stub', '--listen-addr', '127.0.0.1:0', '--json'], /"schema_version"/],
  ])('%s', async (_name, args, ready) => {
    const command = world.own(cli(args, {env: {TMPDIR: world.path('.')}}))
    let started = false
    void command.output(ready).then(() => {
      started = true
    })
    await storm(command.pid, () => started)
    await expectNoInspector(command.pid)
  })

  test('run, from its start on', async () => {
    const daemon = world.own(
      cli(['run', '--embedded-mcp-stub', '--health.listen-addr', '127.0.0.1:0', '--log.format', 'json'], {
        env: {
          CONTROL_PLANE_BASE_URL: world.service.controlPlaneBaseUrl,
          CONTROL_PLANE_API_KEY: 'canary-0123456789-secret',
          CONTROL_PLANE_TUNNEL_ID: RUN_TUNNEL,
        },
      }),
    )
    let started = false
    void daemon.output(/poller started/).then(() => {
      started = true
    })
    await storm(daemon.pid, () => started)
    await expectNoInspector(daemon.pid)
  })

  test('the MCP server of the Codex plugin', async () => {
    const server = spawn(process.execPath, [RUN_JS, 'codex', 'mcp-server'], {
      env: cleanEnv({HOME: world.path('.')}),
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    try {
      const end = performance.now() + 1500
      await storm(server.pid!, () => performance.now() > end)
      await expectNoInspector(server.pid!)
    } finally {
      server.kill('SIGKILL')
    }
  })
})

describe('no SIGUSR1 opens the inspector of a runtime', () => {
  const world = runtimesWorld()

  test('started by connect, of its children, and of a command that waits', async () => {
    const {pid} = await world.connect('docs')
    const logs = world.start(['logs', 'docs', '--follow'])
    let following = false
    void logs.output(/poller started/).then(() => {
      following = true
    })
    await storm(logs.pid, () => following)
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid)
    for (const one of [pid, logs.pid, ...children.map(Number)]) await expectNoInspector(one)
  })
})

function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+) /.exec(readFileSync(join('/proc', String(pid), 'stat'), 'latin1'))?.[1])
  } catch {
    return 0
  }
}
