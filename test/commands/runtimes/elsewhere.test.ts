// Homes are shared between hosts and containers, and clocks are set: what a record says of a process has to survive both.

import {spawnSync} from 'node:child_process'
import {readFileSync, realpathSync} from 'node:fs'
import {hostname} from 'node:os'
import {beforeEach, describe, expect, test} from 'vitest'
import {cleanEnv, RUN_JS} from '../../support/cli.ts'
import {PROC} from '../../support/listening.ts'
import {NAMESPACES, needs} from '../../support/parts.ts'
import {alive, runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()
beforeEach(needs(PROC))

/** Runs a command in a container: other pids, another host name, the same home. */
function inContainer(args: readonly string[], host = 'other-host') {
  const script = `hostname ${host} && exec "$@"`
  const enter = ['-n', '--pid', '--fork', '--mount-proc', '--uts', 'sh', '-c', script, 'sh']
  const {status, stdout, stderr} = spawnSync('unshare', [...enter, process.execPath, RUN_JS, 'runtimes', ...args], {
    env: cleanEnv(world.env()),
    cwd: world.home,
    encoding: 'utf8',
  })
  return {status, stdout, stderr}
}

describe('a runtime of another host or container that shares the home', () => {
  beforeEach(needs(NAMESPACES))

  test.each([
    ['another host', 'other-host'],
    ['a container of the same name', hostname()],
  ])('is neither stopped, replaced nor forgotten from %s', async (_name, host) => {
    const {pid} = await world.connect('docs')
    const before = world.records('processes')
    const connect = ['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl]
    for (const args of [['stop', 'docs'], ['rm', 'docs'], connect]) {
      const {status, stdout, stderr} = inContainer(args, host)
      expect([args[0], status]).toEqual([args[0], 1])
      expect(stderr).toContain(hostname())
      expect(stderr).toMatch(/TC-RUNTIME-ELSEWHERE/)
      expect(stdout).not.toContain('Stopped')
    }
    expect(inContainer(['status', 'docs'], host).stdout).toBe(`docs\tunknown\t${TUNNEL}\n`)
    expect(inContainer(['status', 'docs', '--check'], host).status).toBe(2)
    const listed = JSON.parse(inContainer(['list', '--json'], host).stdout)
    expect(listed.aliases[0]).toMatchObject({alias: 'docs', runtime_state: 'unknown'})
    const {entries, removed} = JSON.parse(inContainer(['cleanup', '--apply', '--json'], host).stdout)
    expect(entries).toMatchObject([{alias: 'docs', cleanup_safe: false}])
    expect(removed).toEqual([])
    expect(world.records('processes')).toEqual(before)
    expect(alive(pid)).toBe(true)
    expect((await world.runtimes(['stop', 'docs'])).stdout).toBe('Stopped docs\n')
    expect(alive(pid)).toBe(false)
  })

  test('is forgotten when its host is said to be lost, and only then', async () => {
    const {pid} = await world.connect('docs')
    expect(inContainer(['rm', 'docs', '--lost-host', 'a-third-one']).status).toBe(1)
    expect(inContainer(['rm', 'docs', '--lost-host', hostname()]).status).toBe(0)
    expect(world.records('processes')).toEqual({})
    process.kill(pid, 'SIGKILL')
  })
})

test('records hold the identity of the process as the reference writes it', async () => {
  const {pid} = await world.connect('docs')
  const {docs} = world.records('processes')
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  expect(docs.process_identity).toEqual({
    start_time: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19],
    executable: realpathSync(process.execPath),
  })
  expect(docs.host).toEqual({
    name: hostname(),
    boot_id: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    pid_namespace: expect.stringMatching(/^\d+$/),
  })
})

test.each(['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z'])(
  'a daemon that hangs is seen and stopped after the clock was set (record of %s)',
  async (started_at) => {
    const {pid} = await world.connect('docs')
    const {docs} = world.records('processes')
    world.write('processes', {docs: {...docs, started_at}})
    process.kill(pid, 'SIGSTOP')
    expect((await world.runtimes(['status', 'docs'])).stdout).toBe(`docs\tstarting\t${TUNNEL}\n`)
    const order = ['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-server-url', world.stub.mcpUrl]
    const {status, document} = await world.json([...order, '--timeout', '1s'])
    expect(status).toBe(2)
    expect(document).toMatchObject({launched: false, already_running: true, pid})
    const {document: stopped} = await world.json(['stop', 'docs', '--timeout', '300ms'])
    expect(stopped).toMatchObject({stopped: true, forced: true})
    expect(alive(pid)).toBe(false)
  },
)

test('a process with the recorded pid and another birth is left alone, though its command line is that of the runtime', async () => {
  const {pid} = await world.connect('docs')
  const {docs} = world.records('processes')
  const identity = {...docs.process_identity, start_time: '1'}
  world.write('processes', {docs: {...docs, process_identity: identity}})
  process.kill(pid, 'SIGSTOP')
  expect((await world.json(['stop', 'docs'])).document).toMatchObject({
    already_stopped: true,
    left_alone: expect.stringContaining(String(pid)),
  })
  expect(alive(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})
