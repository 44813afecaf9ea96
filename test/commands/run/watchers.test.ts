// What scripts and dashboards rely on: lines, their order, the status page, the quick start.

import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {cli, runCli} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {CANARY, runWorld, stdioStub, TUNNEL} from './world.ts'

const world = runWorld()
const {path, own, run, call} = world

describe('what watchers rely on', () => {
  test("the reference's quick start", async () => {
    const urlFile = path('quick.url')
    const daemon = cli(
      ['run', '--embedded-mcp-stub', '--control-plane.tunnel-id', TUNNEL].concat([
        '--health.listen-addr',
        '127.0.0.1:0',
        '--health.url-file',
        urlFile,
      ]),
      {env: {CONTROL_PLANE_BASE_URL: world.service.controlPlaneBaseUrl, CONTROL_PLANE_API_KEY: CANARY}},
    )
    own(daemon)
    await eventually('ready', async () => (await fetch(`${readFileSync(urlFile, 'utf8')}/readyz`)).status === 200)
    expect(daemon.stdout()).toContain('  These are the embedded demo MCP/OAuth endpoints')
    expect(daemon.stdout()).toMatch(/^Embedded MCP stub enabled\.\n {2}MCP URL: http:\/\/127\.0\.0\.1:\d+\/mcp\n/)
    expect(await call('uppercase', {input: 'quick'})).toContain('QUICK')
  })

  test('the stub replaces no target that was given', async () => {
    for (const flag of ['--mcp.command', '--mcp-server-url']) {
      const {status, stderr} = await runCli(['run', '--embedded-mcp-stub', flag, 'http://127.0.0.1:1/mcp'])
      expect(status).toBe(1)
      expect(stderr).toContain(
        `--embedded-mcp-stub cannot be combined with ${flag.replace('mcp-', 'mcp.')}; use one main MCP target path`,
      )
    }
  })

  test('HTTP: `mcp session initialized` comes when /readyz answers 200', async () => {
    const daemon = await run()
    await daemon.process.output(/mcp session initialized/)
    expect(await daemon.get('/readyz')).toEqual({status: 200, body: 'ready'})
  })

  test('stdio: so does the debug line about OAuth', async () => {
    const daemon = await run(['--log.format', 'struct-text', '--log.level', 'debug'], {
      mcp: ['--mcp.command', stdioStub],
    })
    await daemon.process.output(/oauth discovery server URL is not configured/)
    expect(await daemon.get('/readyz')).toEqual({status: 200, body: 'ready'})
  })

  test('the started line has the name of the tunnel; without a service it does not hold the start', async () => {
    const named = await run()
    await named.process.output(/🟢 tunnel-client started .*name="local tunnel"/)
    await named.process.stop()
    const unnamed = await run([], {baseUrl: 'http://127.0.0.1:9'})
    await unnamed.process.output(/🟢 tunnel-client started .*name="tunnel meta hasn't fetched"/)
  })

  test('the status page: who this is, for this host only', async () => {
    const daemon = await run()
    await daemon.says(200, 'ready')
    const status = JSON.parse((await daemon.get('/api/status')).body)
    expect(status).toMatchObject({
      control_plane_tunnel_id: TUNNEL,
      client_instance_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      pid: daemon.process.pid,
      supervisor_pid: process.pid,
      user: expect.any(String),
      host: expect.any(String),
      last_poll_at: expect.stringMatching(/^20\d\d-/),
      control_plane_poll_timeout: '30s',
      tunnel_metadata: {ID: TUNNEL, Name: 'local tunnel'},
      channels: [{name: 'main', transport_kind: 'http-streamable', probe_status: 'ok'}],
    })
    expect(JSON.stringify(status)).not.toContain(CANARY)
  })
})
