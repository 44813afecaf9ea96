// Stopping: nobody's call is lost, nothing of a runtime stays, and nobody else is ever signalled.

import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {afterEach, expect, test} from 'vitest'
import {eventually} from '../../support/eventually.ts'
import {alive, runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()
const others: ChildProcess[] = []

afterEach(() => {
  for (const other of others.splice(0)) other.kill('SIGKILL')
})

/** A process that has nothing to do with us. */
function bystander(argv0 = 'sleep', args: string[] = ['600']): number {
  const other = spawn('sleep', args, {argv0, stdio: 'ignore'})
  others.push(other)
  return other.pid!
}

/** A stdio server whose tool answers when a file appears; it notes its pid. */
function patientServer(): {command: string; release: () => void; pid: () => number} {
  const file = world.path('patient.mjs')
  const gate = world.path('gate')
  const pidFile = world.path('server.pid')
  writeFileSync(
    file,
    `import {existsSync, writeFileSync} from 'node:fs'
import {createInterface} from 'node:readline'
writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))
process.on('SIGTERM', () => {})
setTimeout(() => process.exit(), 120_000)
const say = (id, result) => console.log(JSON.stringify({jsonrpc: '2.0', id, result}))
createInterface({input: process.stdin}).on('line', (line) => {
  const {id, method, params} = JSON.parse(line)
  if (id === undefined) return
  if (method === 'initialize') return say(id, {protocolVersion: params.protocolVersion, capabilities: {tools: {}}, serverInfo: {name: 'patient', version: '1'}})
  if (method !== 'tools/call') return say(id, {})
  const timer = setInterval(() => {
    if (!existsSync(${JSON.stringify(gate)})) return
    clearInterval(timer)
    say(id, {content: [{type: 'text', text: 'was patient'}]})
  }, 20)
})
`,
  )
  return {
    command: `'${process.execPath}' '${file}'`,
    release: () => writeFileSync(gate, ''),
    pid: () => Number(readFileSync(pidFile, 'utf8')),
  }
}

const callsInFlight = async (alias: string): Promise<number> => {
  const url = readFileSync(`${world.root}/health/${alias}.url`, 'utf8')
  const status = (await (await fetch(`${url}/api/status`)).json()) as {calls_in_flight: number}
  return status.calls_in_flight
}

test('waits for the calls, shows how many are left, and loses none', async () => {
  const server = patientServer()
  await world.connect('docs', ['--mcp-command', server.command])
  const answer = world.call('wait', {})
  await eventually('the call is under way', async () => (await callsInFlight('docs')) === 1)
  const stop = world.start(['stop', 'docs'])
  await stop.output(/docs: 1 call left, at most \d+ s more/)
  server.release()
  expect(await answer).toContain('was patient')
  expect(await stop.exited).toMatchObject({status: 0})
  expect(stop.stdout()).toBe('Stopped docs\n')
  await eventually('the server has ended', () => !alive(server.pid()))
})

test('gives calls the drain time-out that this daemon was started with', async () => {
  const server = patientServer()
  const command = ['--mcp-command', server.command]
  const {profile_path} = await world.connect('docs', command)
  await world.runtimes(['stop', 'docs'])
  const profile = JSON.parse(readFileSync(profile_path, 'utf8'))
  writeFileSync(profile_path, JSON.stringify({...profile, process: {drain_timeout: '10m'}}))
  await world.connect('docs', command)
  // What the file says by now is not what the daemon does.
  writeFileSync(profile_path, JSON.stringify({...profile, process: {drain_timeout: '1s'}}))
  const answer = world.call('wait', {})
  await eventually('the call is under way', async () => (await callsInFlight('docs')) === 1)
  const stop = world.start(['stop', 'docs', '--json'])
  const [, seconds] = await stop.output(/at most (\d+) s more/)
  expect(Number(seconds)).toBeGreaterThan(540)
  server.release()
  expect(await answer).toContain('was patient')
  await stop.exited
  expect(JSON.parse(stop.stdout())).toMatchObject({stopped: true, forced: false})
})

test('kills what does not end in time, with everything it started, and says so', async () => {
  const server = patientServer()
  await world.connect('docs', ['--mcp-command', server.command])
  const {pid} = world.records('processes').docs
  const answer = world.call('wait', {}).catch(() => 'lost')
  await eventually('the call is under way', async () => (await callsInFlight('docs')) === 1)
  const {status, document} = await world.json(['stop', 'docs', '--timeout', '300ms'])
  expect(status).toBe(0)
  expect(document).toMatchObject({stopped: true, forced: true, stop_error: '', runtime_state: 'stopped'})
  expect(alive(pid)).toBe(false)
  await eventually('the server has ended', () => !alive(server.pid()))
  await answer
})

test('a recycled pid is never signalled, whatever the command', async () => {
  await world.connect('docs')
  await world.runtimes(['stop', 'docs'])
  const {docs} = world.records('processes')
  const pid = bystander()
  for (const started_at of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z', 'never']) {
    world.write('processes', {docs: {...docs, mode: 'process', pid, started_at}})
    expect((await world.json(['status', 'docs'])).document).toMatchObject({
      runtime_state: 'stopped',
      process_running: false,
      local: {issues: expect.arrayContaining([expect.stringContaining(`process ${pid} `)])},
    })
    const {status, document} = await world.json(['stop', 'docs'])
    expect(status).toBe(0)
    expect(document).toMatchObject({already_stopped: true, left_alone: expect.stringContaining(String(pid))})
    expect(world.records('processes').docs).not.toHaveProperty('pid')
    expect(alive(pid)).toBe(true)
  }
  world.write('processes', {docs: {...docs, mode: 'process', pid, started_at: '2099-01-01T00:00:00Z'}})
  const connected = await world.connect('docs')
  expect(connected).toMatchObject({launched: true})
  expect(connected.pid).not.toBe(pid)
  expect(alive(pid)).toBe(true)
})

test('the daemon of another alias behind a recycled pid is left alone', async () => {
  const {pid} = await world.connect('other')
  await world.connect('docs')
  await world.runtimes(['stop', 'docs'])
  const {docs, other} = world.records('processes')
  world.write('processes', {other, docs: {...docs, mode: 'process', pid, started_at: '2099-01-01T00:00:00Z'}})
  writeFileSync(docs.health_url_file, readFileSync(other.health_url_file, 'utf8'))
  expect((await world.runtimes(['status', 'docs'])).stdout).toBe(`docs\tstopped\t${TUNNEL}\n`)
  expect((await world.runtimes(['stop', 'docs'])).status).toBe(0)
  expect(alive(pid)).toBe(true)
  expect((await world.runtimes(['status', 'other', '--check'])).status).toBe(0)
})

test('a process that started after a record without identity is not ours, though its command line is', async () => {
  const {pid} = await world.connect('docs')
  const {process_identity: _identity, ...docs} = world.records('processes').docs
  world.write('processes', {docs: {...docs, started_at: '2020-01-01T00:00:00Z'}})
  writeFileSync(docs.health_url_file, '')
  expect((await world.runtimes(['stop', 'docs'])).status).toBe(0)
  expect(alive(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('a daemon that was started and never recorded is found by its health URL', async () => {
  const {pid} = await world.connect('docs')
  world.write('processes', {})
  expect((await world.runtimes(['status', 'docs'])).stdout).toBe(`docs\tready\t${TUNNEL}\n`)
  expect(await world.connect('docs')).toMatchObject({launched: false, already_running: true, pid})
  expect(world.records('processes').docs).toMatchObject({pid, mode: 'process'})
  expect((await world.runtimes(['stop', 'docs'])).status).toBe(0)
  expect(alive(pid)).toBe(false)
})

test.runIf(process.platform === 'linux')('a zombie is dead', async () => {
  await world.connect('docs')
  await world.runtimes(['stop', 'docs'])
  const {docs} = world.records('processes')
  // Its parent never asks for its status.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 600'], {stdio: ['ignore', 'pipe', 'ignore']})
  others.push(parent)
  const pid = Number(await new Promise((resolve) => parent.stdout!.once('data', resolve)))
  await eventually('a zombie', () => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
  world.write('processes', {docs: {...docs, mode: 'process', pid, started_at: '2099-01-01T00:00:00Z'}})
  const {status, document} = await world.json(['stop', 'docs'])
  expect(status).toBe(0)
  expect(document).toMatchObject({already_stopped: true, stopped: true})
})

test('a runtime that crashed is stopped, and starts again', async () => {
  const {pid} = await world.connect('docs')
  process.kill(pid, 'SIGKILL')
  await eventually('it is gone', () => !alive(pid))
  expect((await world.runtimes(['list'])).stdout).toBe(`docs\t${TUNNEL}\n`)
  expect((await world.json(['list'])).document.aliases[0].runtime_state).toBe('stopped')
  expect(await world.connect('docs')).toMatchObject({launched: true})
  expect(existsSync(`${world.root}/health/docs.url`)).toBe(true)
})
