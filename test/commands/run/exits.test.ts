// What `run` refuses to start with: one line that names value, origin and next step, and status 1.

import {existsSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {describe, expect, test} from 'vitest'
import {runCli} from '../../support/cli.ts'
import {listenInTest} from '../../support/servers/loopback.ts'
import {CANARY, runWorld, TUNNEL} from './world.ts'

const world = runWorld()
const {path} = world

describe('exits 1 with one line that names value, origin and next step', () => {
  const given = ['--control-plane.tunnel-id', TUNNEL, '--health.listen-addr', '127.0.0.1:0']
  const key = {CONTROL_PLANE_API_KEY: CANARY}

  test.each<[string, () => {args: string[]; env?: Record<string, string>; says: RegExp[]}]>([
    [
      'malformed YAML',
      () => {
        writeFileSync(path('t.yaml'), 'mcp:\n  commands: [\n')
        return {
          args: ['--config', path('t.yaml')],
          says: [/^configure tunnel-client: parse config file .*t\.yaml/, /line|:\d/],
        }
      },
    ],
    [
      'an unknown key',
      () => {
        writeFileSync(path('t.yaml'), 'control_plane:\n  tunel_id: x\n')
        return {args: ['--config', path('t.yaml')], says: [/tunel_id/, /t\.yaml:?.*2/, /tunnel_id/]}
      },
    ],
    [
      'a bad tunnel id',
      () => ({
        args: ['--mcp.server-url', 'http://127.0.0.1:1/mcp'],
        env: {CONTROL_PLANE_TUNNEL_ID: 'tunnel_short'},
        says: [/"tunnel_short"/, /CONTROL_PLANE_TUNNEL_ID/],
      }),
    ],
    [
      'an unreadable secret',
      () => ({
        args: [
          ...given,
          '--mcp.server-url',
          'http://127.0.0.1:1/mcp',
          '--control-plane.api-key',
          `file:${path('none')}`,
        ],
        says: [/none/, /--control-plane\.api-key/, /no such file/],
      }),
    ],
    [
      'a missing program',
      () => ({
        args: [...given, '--mcp.command', 'no-such-program-here --flag'],
        says: [/^start tunnel-client: .*"no-such-program-here"/, /flag --mcp\.command/],
      }),
    ],
    [
      'a missing program, under the hidden spelling of its flag',
      () => ({
        args: [...given, '--mcp-command', 'no-such-program-here --flag'],
        says: [/^start tunnel-client: .*"no-such-program-here"/, /flag --mcp-command/],
      }),
    ],
    [
      'both spellings of a flag: the hidden one is ignored, wherever it stands',
      () => ({
        args: [
          ...given,
          '--mcp.command',
          'no-such-program-here',
          '--mcp-command',
          'other',
          '--health-listen-addr',
          'x',
        ],
        says: [/^start tunnel-client: .*"no-such-program-here"/, /flag --mcp\.command/],
      }),
    ],
    [
      'a setting that is known and not supported yet',
      () => ({
        args: [...given, '--mcp.server-url', world.stub.mcpUrl, '--log.http-raw-unsafe'],
        says: [/^configure tunnel-client: --log\.http-raw-unsafe is not supported yet: /, /TC-CONFIG-UNSUPPORTED/],
      }),
    ],
    [
      'a PID file that cannot be written',
      () => ({
        args: [
          ...given,
          '--mcp.server-url',
          world.stub.mcpUrl,
          '--pid.file',
          path('no/such/pid'),
          '--health.url-file',
          path('u'),
        ],
        says: [/^start tunnel-client: write pid file .*no\/such\/pid/, /Next:/],
      }),
    ],
    [
      'a log file that cannot be opened',
      () => ({
        args: [...given, '--mcp.server-url', world.stub.mcpUrl, '--log.file', path('no/such/log')],
        says: [/^configure tunnel-client: open log file: .*no\/such\/log/, /--log\.file/],
      }),
    ],
  ])('%s', async (_, build) => {
    const {args, env, says} = build()
    const result = await runCli(['run', ...args], {env: {...key, ...env}})
    const line = result.stderr.split('\n').find((text) => says.every((pattern) => pattern.test(text)))
    expect(line, result.stderr).toBeDefined()
    expect(line).toMatch(/Next: .+\(TC-[A-Z-]+\)$/)
    expect(result.status).toBe(1)
    expect(result.stdout + result.stderr).not.toContain(CANARY)
    // Rolled back: nothing of the failed start is left.
    expect(existsSync(path('u'))).toBe(false)
  })

  test('a busy port, with the one who holds it', async () => {
    const port = await listenInTest(createServer())
    const args = ['run', '--control-plane.tunnel-id', TUNNEL, '--mcp.server-url', world.stub.mcpUrl]
    const result = await runCli([...args, '--health.listen-addr', `127.0.0.1:${port}`], {env: key})
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(
      new RegExp(`^start tunnel-client: listen tcp 127\\.0\\.0\\.1:${port}: bind: address already in use.*`, 'm'),
    )
    if (process.platform === 'linux') expect(result.stderr).toContain(`(pid ${process.pid})`)
  })

  test('--json: one envelope on stdout, nothing on stderr', async () => {
    const result = await runCli(['run', '--json', '--control-plane.tunnel-id', 'nope'], {env: key})
    expect(result.status).toBe(1)
    expect(result.stderr).toBe('')
    expect(JSON.parse(result.stdout)).toMatchObject({schema_version: 1, error: {code: expect.stringMatching(/^TC-/)}})
  })

  test('first-time users are told what to do', async () => {
    const {stderr} = await runCli(['run'])
    expect(stderr).toMatch(/^configure tunnel-client: tunnel ID is required; .*quickstart/m)
    expect(stderr).toMatch(/^configure tunnel-client: main channel is required; .*--embedded-mcp-stub/m)
    expect(stderr).toMatch(/^configure tunnel-client: control plane API key is required; .*quickstart/m)
    for (const line of stderr.trimEnd().split('\n')) expect(line.match(/\bset --/gi), line).toHaveLength(1)
  })
})
