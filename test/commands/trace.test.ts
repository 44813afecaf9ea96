// `trace` as people and scripts call it: table, timeline, JSON, following, exit status.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {cli, runCli} from '../support/cli.ts'
import {json, startRawHttpServer} from '../support/servers/raw-http-server.ts'
import {mcpStub} from '../toolkit/doctor/visit.ts'
import {type CallsDaemon, callsDaemon} from '../toolkit/live/calls/daemon.ts'
import {openCall, tracedCall} from '../tunnel/ops/calls/calls.ts'

function done({calls}: CallsDaemon, ...all: ReturnType<typeof tracedCall>[]): void {
  for (const call of all) {
    calls.started(call)
    calls.finished(call)
  }
}

describe('the last calls', () => {
  test('as a table, newest last', async () => {
    const daemon = await callsDaemon()
    done(daemon, tracedCall('req-1'), tracedCall('req-2', {outcome: 'error', status: 502, failure: 'refused'}))
    const {status, stdout, stderr} = await runCli(['trace', '--url', daemon.url])
    expect(stderr).toBe('')
    expect(stdout.split('\n')[0]).toMatch(/^TIME +TOOK +OUTCOME +CHANNEL +WHAT +IN +OUT +ID$/)
    expect(stdout).toMatch(/answered 200 +main +tools\/call search .*req-1\n.*error 502 refused .*req-2\n$/)
    expect(status).toBe(0)
  })

  test('only failed ones of one channel, at most so many, as JSON', async () => {
    const daemon = await callsDaemon()
    done(
      daemon,
      tracedCall('good', {channel: 'docs'}),
      ...['a', 'b', 'c'].map((id) => tracedCall(id, {channel: 'docs', outcome: 'expired', failure: 'deadline'})),
      tracedCall('elsewhere', {outcome: 'error', failure: 'refused'}),
    )
    const args = ['trace', '--url', daemon.url, '--failed', '--channel', 'docs', '--limit', '2', '--json']
    const document = JSON.parse((await runCli(args)).stdout)
    expect(document).toMatchObject({schema_version: 1, instance_id: 'i1'})
    expect(document.calls.map(({id}: {id: string}) => id)).toEqual(['b', 'c'])
  })

  test('where nobody is, the next step is one that this command line knows', async () => {
    const {stderr, status} = await runCli(['trace', '--url', 'http://127.0.0.1:1'])
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /Next: Run tunnel-client health with the same address; for an alias, tunnel-client runtimes status/,
    )
  })

  test('the daemon is found by its URL file', async () => {
    const daemon = await callsDaemon()
    const folder = mkdtempSync(join(tmpdir(), 'trace-'))
    onTestFinished(() => rmSync(folder, {recursive: true}))
    writeFileSync(join(folder, 'health.url'), `${daemon.url}\n`)
    const {status, stdout} = await runCli(['trace', '--url-file', join(folder, 'health.url')])
    expect(stdout).toBe('No call has come since this daemon started.\n')
    expect(status).toBe(0)
  })
})

describe('without an address it asks the daemon that run would be here:', () => {
  test.each([
    [
      'its URL file',
      ({url}: CallsDaemon, folder: string) => {
        writeFileSync(join(folder, 'health.url'), url)
        return {HEALTH_URL_FILE: join(folder, 'health.url'), HEALTH_LISTEN_ADDR: '127.0.0.1:1'}
      },
    ],
    ['its listen address', ({url}: CallsDaemon) => ({HEALTH_LISTEN_ADDR: `:${new URL(url).port}`})],
  ])('%s', async (_name, envOf) => {
    const daemon = await callsDaemon()
    done(daemon, tracedCall('req-1'))
    const folder = mkdtempSync(join(tmpdir(), 'trace-'))
    onTestFinished(() => rmSync(folder, {recursive: true}))
    const {stdout, stderr} = await runCli(['trace'], {env: envOf(daemon, folder)})
    expect(stderr).toBe('')
    expect(stdout).toContain('req-1')
  })

  test('whose port nobody can know has to be named', async () => {
    const {status, stderr} = await runCli(['trace'], {env: {HEALTH_LISTEN_ADDR: '127.0.0.1:0'}})
    expect(stderr).toMatch(/which daemon\? Give one of --url, --url-file, --port, or --alias.*TC-CLI-USAGE/)
    expect(status).toBe(1)
  })
})

describe('one call', () => {
  test('its way, whose turn it was, what the failure asks for', async () => {
    const daemon = await callsDaemon()
    done(daemon, tracedCall('req-1', {outcome: 'error', status: 502, failure: 'child_exited'}))
    const {status, stdout} = await runCli(['trace', 'req-1', '--url', daemon.url])
    expect(stdout).toContain('tools/call search on main\n')
    expect(stdout).toMatch(/8\.0 ms +26 % +MCP server +waited for the first sign of an answer/)
    expect(stdout).toMatch(/Code: +TC-MCP-CHILD-EXITED/)
    expect(status).toBe(0)
  })

  test('unknown: status 1 and what to do', async () => {
    const daemon = await callsDaemon()
    const {status, stdout, stderr} = await runCli(['trace', 'nobody', '--url', daemon.url])
    expect(stdout).toBe('')
    expect(stderr).toMatch(/no such call is remembered.*trace without an id.*\(TC-LIVE-CALL\)/)
    expect(status).toBe(1)
  })

  test('several: the ids that may be meant, in the envelope, too', async () => {
    const daemon = await callsDaemon()
    done(daemon, tracedCall('req-1'), tracedCall('req-2'))
    const {status, stdout} = await runCli(['trace', 'req-', '--url', daemon.url, '--json'])
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'TC-LIVE-CALL',
      message: '"req-": several calls may be meant; ask with the whole request id: req-2, req-1',
      next: [`Run tunnel-client trace req-2 --url ${daemon.url}`, `Run tunnel-client trace req-1 --url ${daemon.url}`],
    })
    expect(status).toBe(1)
  })

  test('no id at all is a mistake of the command line, not one of the daemon', async () => {
    const daemon = await callsDaemon()
    const {status, stderr} = await runCli(['trace', '', '--url', daemon.url])
    expect(stderr).toMatch(/^the id is empty\..*\(TC-CLI-USAGE\)\n$/)
    expect(status).toBe(1)
  })

  test.each([['trace'], ['trace', 'req-1']])(
    '%s %s: another program that refuses in its own words is no daemon',
    async (...args) => {
      const other = await startRawHttpServer((_, reply) =>
        json(reply, '{"error":{"code":"unknown_url","message":"Invalid URL (GET /api/calls)"}}', 404),
      )
      onTestFinished(() => other.close())
      const url = other.url.origin
      const {stderr} = await runCli([...args, '--url', url])
      expect(stderr).toMatch(/does not tell of its calls \(status 404\).*\(TC-LIVE-ANSWER\)/)
    },
  )
})

describe('following', () => {
  test('one JSON document per line until Ctrl-C, then 130', async () => {
    const daemon = await callsDaemon()
    done(daemon, tracedCall('req-1'))
    const running = cli(['trace', '--url', daemon.url, '--follow', '--json'])
    await running.output(/"req-1"/)
    const slow = openCall('req-2')
    daemon.calls.started(slow)
    Object.assign(slow, {outcome: 'answered', status: 200, endedAt: 5000})
    daemon.calls.finished(slow)
    await running.output(/"req-2"/)
    running.kill('SIGINT')
    expect(await running.exited).toEqual({status: 130, signal: null})
    const lines = running.stdout().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['req-1', 'req-2'])
    expect(running.stderr()).toBe('')
  })

  test('a pipe gets lines without escape sequences', async () => {
    const daemon = await callsDaemon()
    done(daemon, tracedCall('req-1', {outcome: 'error', failure: 'refused'}))
    const running = cli(['trace', '--url', daemon.url, '--follow'])
    await running.output(/req-1/)
    running.kill('SIGINT')
    expect((await running.exited).status).toBe(130)
    expect(running.stdout()).not.toContain('\u001b')
  })
})

describe('what cannot be asked', () => {
  test.each([
    [['--port', '8080', '--alias', 'docs'], /choose at most one of --url, --url-file, --port, or --alias.*CLI-USAGE/],
    [['id', '--port', '8080', '--follow'], /cannot be combined/],
    [['--port', '8080', '--limit', '501'], /limit/],
    [['--port', '1'], /no daemon answers at http:\/\/127\.0\.0\.1:1.*TC-LIVE-UNREACHABLE/],
    [['--url-file', '/nowhere/health.url'], /no daemon found.*TC-LIVE-UNREACHABLE/],
    [['--url', 'ftp://x'], /is no address of a daemon/],
    [['--alias', 'nobody'], /alias nobody is not known.*TC-RUNTIME-ALIAS/],
  ])('%j', async (args, message) => {
    const home = mkdtempSync(join(tmpdir(), 'trace-'))
    onTestFinished(() => rmSync(home, {recursive: true}))
    const {status, stdout, stderr} = await runCli(['trace', ...args], {env: {HOME: home, XDG_STATE_HOME: undefined}})
    expect(stdout).toBe('')
    expect(stderr).toMatch(message)
    expect(status).toBe(1)
  })

  test('something else that answers there', async () => {
    const {baseUrl} = await mcpStub()
    const {status, stderr} = await runCli(['trace', '--url', baseUrl])
    expect(stderr).toMatch(/does not tell of its calls.*TC-LIVE-ANSWER/)
    expect(status).toBe(1)
  })
})
