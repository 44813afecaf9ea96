// `doctor` as people and scripts call it.

import {expect, test} from 'vitest'
import {cli, runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {mcpStub, scripted, tunnelService} from '../toolkit/doctor/visit.ts'

const flagsFor = async () => {
  const [service, stub] = await Promise.all([tunnelService(), mcpStub()])
  return {
    args: [
      'doctor',
      '--timeout',
      '60s',
      '--control-plane.base-url',
      service.controlPlaneBaseUrl,
      '--control-plane.tunnel-id',
      service.tunnelId,
      '--mcp.server-url',
      stub.mcpUrl,
      '--health.listen-addr',
      '127.0.0.1:0',
    ],
    env: {CONTROL_PLANE_API_KEY: service.runtimeKey.reveal()},
  }
}

test('healthy: the verdict, the lines of the reference, the ladders, the trailer, status 0', async () => {
  const {args, env} = await flagsFor()
  const {status, stdout, stderr} = await runCli(args, {env})
  expect(stderr).toBe('')
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^OK: a call would work now \(control plane \d+ ms, main 3 tools\)$/)
  expect(lines[1]).toBe('CHECK config_source            PASS flags/environment only')
  expect(stdout).toContain('CHECK control_plane_api_key    PASS env:CONTROL_PLANE_API_KEY\n')
  expect(stdout).toContain('CHECK control_plane/scope      PASS Read and Use\n')
  expect(stdout).toMatch(/\n\nRESULT ok\nNEXT {3}tunnel-client run\n$/)
  expect(status).toBe(0)
})

test('broken: status 2, one document with --json, nothing on stderr', async () => {
  const {args, env} = await flagsFor()
  const {status, stdout, stderr} = await runCli([...args, '--json', '--control-plane.base-url', 'http://127.0.0.1:1'], {
    env,
  })
  expect(JSON.parse(stdout)).toMatchObject({
    schema_version: 1,
    result: 'fail',
    failed_checks: ['control_plane/connect'],
    verdict: {code: 'TC-CONNECT-REFUSED', destination: 'control_plane', who: ['you', 'it']},
  })
  expect(stderr).toBe('')
  expect(status).toBe(2)
})

test('a configuration that cannot be used is status 2, as with the reference', async () => {
  const {status, stdout} = await runCli(['doctor', '--explain'])
  expect(stdout).toContain('CHECK tunnel_id                FAIL ')
  expect(stdout).toMatch(/\nRESULT fail\nFAILED_CHECKS tunnel_id,control_plane_api_key,mcp_target\nEXIT_CODE 2\n/)
  expect(stdout).toContain('\nWhy this matters:\n')
  expect(stdout).toContain('\nWhat to do next:\n  1. ')
  expect(status).toBe(2)
})

test('wrong usage is status 1', async () => {
  const {status, stderr} = await runCli(['doctor', '--only', 'nonsense'])
  expect(stderr).toContain('there is no such check')
  expect(status).toBe(1)
  expect((await runCli(['doctor', '--timeout', 'long'])).status).toBe(1)
})

test('Ctrl-C reports what is known, with 130', async () => {
  const silent = await scripted(() => {})
  const {args: all, env} = await flagsFor()
  const args = all.toSpliced(all.indexOf('--mcp.server-url'), 2)
  const running = cli([...args, '--json', '--mcp.server-url', `channel=main,url=${silent.url}`], {env})
  await eventually('the doctor waits for an answer', () => silent.seen.length > 0)
  running.kill('SIGINT')
  expect((await running.exited).status).toBe(130)
  expect(JSON.parse(running.stdout())).toMatchObject({result: 'interrupted', checks: expect.any(Array)})
})
