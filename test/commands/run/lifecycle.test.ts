// `run` starts, lives and stops: its files, its children, its signals.

import {existsSync, readFileSync, statSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import type {StateDocument} from '../../../src/tunnel/ops/index.ts'
import {cli, RUN_JS, watchProgram} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {CANARY, runWorld, stdioStub, TUNNEL} from './world.ts'

const world = runWorld()
const {path, run, call, slowServer} = world

describe('life of a run', () => {
  test('the files are there while it runs, right from their first moment, and gone afterwards', async () => {
    const pidFile = path('daemon.pid')
    const daemon = await run(['--pid.file', pidFile])
    await daemon.process.output(/pid file written/)
    expect(readFileSync(pidFile, 'utf8')).toBe(`${daemon.process.pid}\n`)
    expect(statSync(path('health.url')).mode & 0o777).toBe(0o600)
    const token = readFileSync(path('health.url.token'), 'utf8')
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(path('health.url.token')).mode & 0o777).toBe(0o600)
    await daemon.says(200, 'ready')
    expect(await call('echo', {input: 'hi'})).toContain('hi')
    daemon.process.kill('SIGTERM')
    expect(await daemon.process.exited).toEqual({status: 0, signal: null})
    for (const name of ['health.url', 'health.url.token', 'daemon.pid'])
      expect(existsSync(path(name)), name).toBe(false)
    expect(daemon.said()).not.toContain(token)
  })

  test('SIGINT before a stdio server: child gone, files gone, exit 0', async () => {
    const daemon = await run([], {mcp: ['--mcp.command', stdioStub]})
    await daemon.says(200, 'ready')
    const {channels} = JSON.parse((await daemon.get('/api/status')).body)
    const child = Number(channels[0].details.find((detail: {key: string}) => detail.key === 'pid').value)
    process.kill(child, 0)
    daemon.process.kill('SIGINT')
    expect((await daemon.process.exited).status).toBe(0)
    expect(() => process.kill(child, 0)).toThrow(/ESRCH/)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('a signal during the start ends it cleanly', async () => {
    const daemon = await run(['--mcp.startup-wait-timeout', '30s'], {
      mcp: ['--mcp.server-url', 'http://127.0.0.1:9/mcp'],
    })
    daemon.process.kill('SIGTERM')
    expect((await daemon.process.exited).status).toBe(0)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('a SIGTERM as early as it can be caught ends it with 0, and nothing was left or started', async () => {
    const say = "process.getBuiltinModule('node:fs').writeSync(2, 'listens')"
    const tell = `process.on('newListener', (name) => name === 'SIGTERM' && ${say})`
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(tell)}`
    const started = world.own(
      cli(['run', '--health.url-file', path('early.url'), '--pid.file', path('early.pid')], {env: {NODE_OPTIONS}}),
    )
    await started.output(/listens/)
    started.kill('SIGTERM')
    expect(await started.exited).toEqual({status: 0, signal: null})
    expect(started.stderr()).toMatch(/^(listens)+$/)
    expect(existsSync(path('early.url')) || existsSync(path('early.pid'))).toBe(false)
  })

  test('a SIGHUP without a terminal is no reason to end: nohup works', async () => {
    const daemon = await run([])
    await daemon.says(200, 'ready')
    daemon.process.kill('SIGHUP')
    expect(await call('echo', {input: 'still here'})).toContain('still here')
    await daemon.says(200, 'ready')
  })

  test.runIf(existsSync('/usr/bin/script'))(
    'a terminal that is closed: the daemon ends in order, files and child are gone',
    async () => {
      const urlFile = path('terminal.url')
      const line = [process.execPath, RUN_JS, 'run', '--control-plane.base-url', world.service.controlPlaneBaseUrl]
        .concat('--control-plane.tunnel-id', TUNNEL, '--mcp.command', stdioStub)
        .concat('--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile)
        .map((word) => `"${word}"`)
        .join(' ')
      const window = world.own(
        watchProgram(['script', '-qfc', `exec ${line}`, path('typescript')], {env: {CONTROL_PLANE_API_KEY: CANARY}}),
      )
      await window.output(/tunnel-client started/)
      const reply = await fetch(`${readFileSync(urlFile, 'utf8')}/api/state`)
      const {identity, channels} = (await reply.json()) as StateDocument
      const gone = (pid: number): boolean => {
        try {
          process.kill(pid, 0)
          return false
        } catch {
          return true
        }
      }
      window.kill('SIGKILL')
      await eventually('the daemon has ended', () => gone(identity.pid) && gone(channels[0]?.child?.pid ?? 0))
      expect(existsSync(urlFile)).toBe(false)
    },
  )

  test('a second signal ends it at once, with 1, and still without leaving files', async () => {
    const daemon = await run([], {mcp: ['--mcp.command', slowServer()]})
    await daemon.says(200, 'ready')
    void call('slow', {}).catch(() => {})
    await eventually('the call runs', async () => (await daemon.get('/metrics')).body.includes('occupancy 1\n'))
    daemon.process.kill('SIGTERM')
    await daemon.process.output(/draining/)
    await daemon.says(503, 'draining')
    // Signals within half a second are one request: repeated until one counts.
    const pressing = setInterval(() => daemon.process.kill('SIGTERM'), 100)
    expect((await daemon.process.exited).status).toBe(1)
    clearInterval(pressing)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('an error that nobody caught ends it with 1, but in order: calls are answered, files and child are gone', async () => {
    const plant = "process.once('SIGUSR2', () => { throw new Error('planted defect') })"
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(plant)}`
    const daemon = await run(['--drain-timeout', '300ms'], {mcp: ['--mcp.command', slowServer()], env: {NODE_OPTIONS}})
    await daemon.says(200, 'ready')
    const answer = call('slow', {})
    await eventually('the call runs', async () => (await daemon.get('/metrics')).body.includes('occupancy 1\n'))
    daemon.process.kill('SIGUSR2')
    expect(JSON.parse(await answer)).toMatchObject({id: 1, error: {data: {tunnel_failure: expect.anything()}}})
    expect((await daemon.process.exited).status).toBe(1)
    expect(daemon.process.stderr()).toMatch(/planted defect.*\(TC-CLI-BUG\)/)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('what could not finish in time gets a typed answer', async () => {
    const daemon = await run(['--drain-timeout', '300ms'], {mcp: ['--mcp.command', slowServer()]})
    await daemon.says(200, 'ready')
    const answer = call('slow', {})
    await eventually('the call runs', async () => (await daemon.get('/metrics')).body.includes('occupancy 1\n'))
    daemon.process.kill('SIGTERM')
    expect(JSON.parse(await answer)).toMatchObject({id: 1, error: {data: {tunnel_failure: expect.anything()}}})
    expect((await daemon.process.exited).status).toBe(0)
  })
})
