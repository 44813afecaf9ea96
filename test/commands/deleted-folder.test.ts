// A shell stays in a folder that was deleted: what needs no folder works there, the rest says so.

import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {createTunnelService, type TunnelService} from '../../src/service/tunnel-service/index.ts'
import {RUN_JS, watchProgram} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {mcpStub} from '../toolkit/doctor/visit.ts'

let home = ''
let service: TunnelService
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gone-'))
  service = await createTunnelService()
})
afterAll(async () => {
  await service.close()
  rmSync(home, {recursive: true, force: true})
})

function start(args: readonly string[], extra: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(home, 'folder-'))
  const line = `rmdir "$PWD" && exec "$0" "$@"`
  return watchProgram(['sh', '-c', line, process.execPath, RUN_JS, ...args], {
    cwd: folder,
    env: {HOME: home, TUNNEL_CLIENT_STATE_DIR: join(home, 'state'), CODEX_HOME: join(home, 'codex'), ...extra},
  })
}

async function run(...args: readonly string[]) {
  const running = start(args)
  const {status} = await running.exited
  return {status, stdout: running.stdout(), stderr: running.stderr()}
}

test.each([
  ['--version', 0],
  ['--version --json', 0],
  ['--help', 0],
  ['health --help', 0],
  ['help quickstart', 0],
  ['completion bash', 0],
  ['complete -- run', 0],
  ['profiles list', 0],
  ['profiles samples list', 0],
  ['runtimes list --json', 0],
  ['codex status', 0],
  ['health --url http://127.0.0.1:1', 2],
])('%s works', async (line, expected) => {
  const {status, stdout, stderr} = await run(...line.split(' '))
  expect(stderr).toBe('')
  expect(stdout).not.toBe('')
  expect(status).toBe(expected)
})

test.each([
  [['run', '--config', 'tunnel.yaml']],
  [['profiles', 'add', 'a', '--from-file', 'tunnel.yaml']],
  [
    [
      'run',
      '--control-plane.tunnel-id',
      `tunnel_${'0'.repeat(32)}`,
      '--control-plane.api-key',
      'file:key',
      '--mcp.server-url',
      'http://127.0.0.1:1/mcp',
    ],
  ],
])('%j says that the folder is gone, in one line and as JSON', async (args) => {
  const plain = await run(...args)
  expect(plain.stderr).toMatch(/^.*the working folder was deleted.*\(TC-[A-Z-]+\)\n$/)
  expect(plain.status).toBe(1)
  const {stdout, status} = await run(...args, '--json')
  expect(JSON.parse(stdout).error.message).toContain('the working folder was deleted')
  expect(status).toBe(1)
})

test('doctor works with absolute paths, and names the folder where one is relative', async () => {
  const {mcpUrl} = await mcpStub()
  const args = ['--control-plane.base-url', service.controlPlaneBaseUrl, '--control-plane.tunnel-id', service.tunnelId]
  const good = start(['doctor', ...args, '--mcp.server-url', mcpUrl, '--json'], {
    CONTROL_PLANE_API_KEY: service.runtimeKey.reveal(),
  })
  await good.exited
  expect(JSON.parse(good.stdout())).toMatchObject({result: 'ok'})
  const bad = await run('doctor', '--config', 'tunnel.yaml', '--json')
  expect(JSON.parse(bad.stdout).verdict.line).toContain('the working folder was deleted')
  expect(bad.stdout + bad.stderr).not.toContain('uv_cwd')
})

test('run with absolute paths connects', async () => {
  const {mcpUrl} = await mcpStub()
  const urlFile = join(home, 'health.url')
  const daemon = start(
    [
      'run',
      '--control-plane.base-url',
      service.controlPlaneBaseUrl,
      '--control-plane.tunnel-id',
      service.tunnelId,
      '--mcp.server-url',
      mcpUrl,
      '--health.listen-addr',
      '127.0.0.1:0',
      '--health.url-file',
      urlFile,
    ],
    {CONTROL_PLANE_API_KEY: service.runtimeKey.reveal()},
  )
  await eventually('readiness', async () => {
    return (await fetch(`${readFileSync(urlFile, 'utf8').trim()}/readyz`)).status === 200
  })
  daemon.kill()
  expect((await daemon.exited).status).toBe(0)
})

test('a server on stdio, which would start there, is refused with what to do', async () => {
  const {status, stderr} = await run('dev', 'proxy', '--mcp-command', 'cat', '--duration', '1s')
  expect(stderr).toMatch(
    /start stdio command: the working folder was deleted.*Next: Change to a folder that exists: cd/,
  )
  expect(status).toBe(1)
})
