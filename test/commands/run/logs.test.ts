// The log of `run`: formats, secrets, readers that go away.

import {readFileSync, statSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {cli} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {CANARY, runWorld, stdioStub, TUNNEL} from './world.ts'

const world = runWorld()
const {path, own, run, call} = world

describe('logs', () => {
  const defaultLine =
    /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (DEBUG|INFO|WARN|ERROR) \S.* client_instance_id=[0-9a-f]{32} tunnel_id=tunnel_/
  const textLine =
    /^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d) level=(DEBUG|INFO|WARN|ERROR) msg=\S.* client_instance_id=[0-9a-f]{32} tunnel_id=tunnel_/
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

  test('default: every line on stderr', async () => {
    const daemon = await run()
    await daemon.says(200, 'ready')
    await daemon.process.stop()
    expect(daemon.process.stdout()).toBe('')
    for (const line of lines(daemon.process.stderr())) expect(line).toMatch(defaultLine)
  })

  test('struct-text: every line on stdout', async () => {
    const daemon = await run(['--log.format', 'struct-text'])
    await daemon.says(200, 'ready')
    await daemon.process.stop()
    expect(daemon.process.stderr()).toBe('')
    for (const line of lines(daemon.process.stdout())) expect(line).toMatch(textLine)
  })

  test('json at debug, to a file: every line an object, and no secret anywhere', async () => {
    const args = ['--log.format', 'json', '--log.level', 'debug', '--log.file', path('log')]
    const process = cli(
      [
        'run',
        ...args,
        '--control-plane.base-url',
        world.service.controlPlaneBaseUrl,
        '--control-plane.tunnel-id',
        TUNNEL,
      ].concat(
        ['--health.listen-addr', '127.0.0.1:0', '--health.url-file', path('health.url')],
        ['--mcp.server-url', world.stub.mcpUrl, '--mcp.extra-headers', 'X-Team-Token: second-canary-1234'],
      ),
      {env: {CONTROL_PLANE_API_KEY: CANARY}},
    )
    own(process)
    await eventually('ready', async () => (await fetch(`${readFileSync(path('health.url'), 'utf8')}/readyz`)).ok)
    await call('echo', {input: 'hi'})
    const url = readFileSync(path('health.url'), 'utf8')
    const pages = await Promise.all(
      ['/readyz?format=json', '/metrics', '/api/status'].map(async (route) => (await fetch(url + route)).text()),
    )
    await process.stop()
    expect(statSync(path('log')).mode & 0o777).toBe(0o600)
    const log = readFileSync(path('log'), 'utf8')
    for (const line of lines(log)) {
      expect(JSON.parse(line)).toMatchObject({
        time: expect.any(String),
        level: expect.any(String),
        msg: expect.any(String),
        tunnel_id: TUNNEL,
      })
    }
    const everything = [log, ...pages, process.stdout(), process.stderr()].join('\n')
    expect(everything).not.toContain(CANARY)
    expect(everything).not.toContain('second-canary-1234')
  })

  test('a command is logged and shown without its credentials', async () => {
    const daemon = await run(
      ['--mcp.command', `${stdioStub} --server-name Bearer\\ canary-in-argv --server-version AUTH=\\ canary-in-argv`],
      {mcp: []},
    )
    expect(daemon.said()).toMatch(/stdio MCP command started .*--server-name Bearer \[redacted\]/)
    expect(daemon.said() + (await daemon.get('/api/status')).body).not.toContain('canary-in-argv')
  })

  test('readers that went away do not end the daemon', async () => {
    const daemon = await run(['--log.format', 'struct-text', '--log.level', 'debug'])
    await daemon.says(200, 'ready')
    daemon.process.child.stdout?.destroy()
    daemon.process.child.stderr?.destroy()
    for (let n = 0; n < 20; n++) expect(await call('echo', {input: 'still here'})).toContain('still here')
    await daemon.says(200, 'ready')
    daemon.process.kill('SIGTERM')
    expect((await daemon.process.exited).status).toBe(0)
  })

  test('readers that stand still do not keep it from ending', async () => {
    const daemon = await run(['--log.format', 'json', '--log.level', 'debug'])
    await daemon.says(200, 'ready')
    const {child} = daemon.process
    child.stdout?.pause()
    // More than a pipe holds.
    for (let n = 0; n < 40; n++) await Promise.all(Array.from({length: 10}, () => call('echo', {input: 'on'})))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    daemon.process.kill('SIGTERM')
    expect(await ended).toBe(0)
    child.stdout?.resume()
  })
})
