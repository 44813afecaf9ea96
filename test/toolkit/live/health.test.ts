// A daemon's health as scripts read it: locators, probes, poll, process, waiting.

import {spawn} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {
  checkHealth,
  healthBlocks,
  metricValue,
  normalizeHealthUrl,
  parseHealthUrl,
  processIsRunning,
  unixHealthUrl,
} from '../../../src/toolkit/live/index.ts'
import {eventually} from '../../support/eventually.ts'
import {listenInTest} from '../../support/servers/loopback.ts'

const POLL = 'commands_poll_last_successful_timestamp_seconds'
type Answer = [status: number, body: string]
let answers: Record<string, Answer>
let server: Server
let folder: string
let base: string

const serve = async (target: {port: number; host: string} | {path: string}): Promise<Server> => {
  const created = createServer((request, reply) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, 'nothing here']
    reply.writeHead(status, {'Content-Type': 'text/plain'}).end(body)
  })
  await new Promise<void>((resolve) => created.listen(target, resolve))
  return created
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'health-'))
  server = await serve({port: 0, host: '127.0.0.1'})
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await rm(folder, {recursive: true})
})
beforeEach(() => {
  answers = {
    '/healthz': [200, 'live'],
    '/readyz': [200, ' ready\n'],
    '/metrics': [200, `# TYPE ${POLL} gauge\n${POLL}{otel_scope_name="controlplane"} 1.7e+09\n`],
  }
})

describe('a daemon that is well', () => {
  test('a page is claimed only where one is', async () => {
    expect(await checkHealth({url: base})).not.toHaveProperty('ui_url')
    answers['/ui'] = [200, '<!doctype html>']
    expect(await checkHealth({url: base})).toMatchObject({ui_url: `${base}/ui`, result: 'ok'})
  })

  test('JSON has the members of the reference in its order', async () => {
    answers['/ui'] = [200, '<!doctype html>']
    const report = await checkHealth({url: `${base}/readyz`, pid: process.pid, requireControlPlanePoll: true})
    expect(report).toEqual({
      locator: {kind: 'url', url: `${base}/readyz`, resolved_base_url: base},
      process: {pid: process.pid, running: true},
      base_url: base,
      ui_url: `${base}/ui`,
      healthz: {url: `${base}/healthz`, ok: true, status: 200, body: 'live'},
      readyz: {url: `${base}/readyz`, ok: true, status: 200, body: 'ready'},
      control_plane_poll: {url: `${base}/metrics`, value: 1.7e9, ok: true},
      result: 'ok',
    })
    expect(Object.keys(report)).toEqual([
      'locator',
      'process',
      'base_url',
      'ui_url',
      'healthz',
      'readyz',
      'control_plane_poll',
      'result',
    ])
  })

  test('by port and by URL file', async () => {
    const port = Number(new URL(base).port)
    expect(await checkHealth({port})).toMatchObject({locator: {kind: 'port', port}, result: 'ok'})
    const file = join(folder, 'url')
    await writeFile(file, `${base}/healthz\n`)
    expect(await checkHealth({urlFile: file})).toMatchObject({
      locator: {kind: 'url_file', url_file: file, resolved_base_url: base},
      result: 'ok',
    })
  })

  test('over a unix socket', async () => {
    const path = join(folder, 'Case-Sensitive.sock')
    const own = await serve({path})
    onTestFinished(() => void own.close())
    const url = unixHealthUrl(path)
    expect(await checkHealth({url})).toMatchObject({
      base_url: url,
      readyz: {ok: true, url: `${url}/readyz`},
      result: 'ok',
    })
  })

  test('behind a password, which is used and not shown', async () => {
    let asked: string | undefined
    const guarded = createServer((request, reply) => {
      asked = request.headers.authorization
      reply.writeHead(asked === undefined ? 401 : 200).end('live')
    })
    const port = await listenInTest(guarded)
    const report = await checkHealth({url: `http://me:canary%40pass@127.0.0.1:${port}/healthz`})
    expect(report).toMatchObject({
      locator: {url: `http://127.0.0.1:${port}/healthz`, resolved_base_url: `http://127.0.0.1:${port}`},
      base_url: `http://127.0.0.1:${port}`,
      result: 'ok',
    })
    expect(JSON.stringify(report)).not.toContain('canary')
    expect(Buffer.from(asked?.replace('Basic ', '') ?? '', 'base64').toString()).toBe('me:canary@pass')
  })

  test('below a path', async () => {
    answers['/admin/healthz'] = [200, 'live']
    answers['/admin/readyz'] = [204, '']
    expect(await checkHealth({url: `${base}/admin/`})).toMatchObject({
      base_url: `${base}/admin`,
      readyz: {url: `${base}/admin/readyz`, ok: true, status: 204},
      result: 'ok',
    })
  })
})

describe('what is not well is a result', () => {
  test('not ready', async () => {
    answers['/readyz'] = [503, 'mcp startup probe pending']
    const report = await checkHealth({url: base})
    expect(report.readyz).toEqual({url: `${base}/readyz`, ok: false, status: 503, body: 'mcp startup probe pending'})
    expect(report.result).toBe('fail')
  })

  test('not ready, in the words of the daemon', async () => {
    answers['/readyz'] = [503, 'control plane poll failing: key_invalid']
    const verdict = {
      sentence: 'No call would work now.\u001b[2J',
      next: 'check the key',
      docs: null,
      status: 'not_ready',
    }
    answers['/api/state'] = [200, JSON.stringify({verdict})]
    const report = await checkHealth({url: base})
    expect(report.verdict).toEqual({sentence: 'No call would work now.\u001b[2J', next: 'check the key', docs: null})
    expect(JSON.stringify(healthBlocks(report))).toContain('"Next: check the key","Result: FAIL"')
  })

  test.each(['no JSON', '{}', '{"verdict":null}', '{"verdict":{"sentence":7}}'])(
    'not ready, where %j is no verdict',
    async (state) => {
      answers['/readyz'] = [503, 'no']
      answers['/api/state'] = [200, state]
      expect(await checkHealth({url: base})).not.toHaveProperty('verdict')
    },
  )

  test('nobody there', async () => {
    const report = await checkHealth({url: 'http://127.0.0.1:1'})
    expect(report.healthz).toMatchObject({url: 'http://127.0.0.1:1/healthz', ok: false})
    expect(report.healthz.error).toContain('ECONNREFUSED')
    expect(report.result).toBe('fail')
  })

  test('a body without end is cut, and costs no time', async () => {
    answers['/healthz'] = [200, 'x'.repeat(100_000)]
    const report = await checkHealth({url: base})
    expect(report.healthz.body).toHaveLength(4096)
    expect(report.healthz.ok).toBe(true)
  })

  test('a daemon that never answers', async () => {
    const report = await checkHealth({port: await listenInTest(createServer(() => {}))})
    expect(report).toMatchObject({healthz: {ok: false}, readyz: {ok: false}, result: 'fail'})
  })

  test.each([
    ['no poll yet', `${POLL} 0\n`, 'no successful control-plane poll observed'],
    ['no such metric', `${POLL}_total 1\n`, `missing ${POLL} metric`],
  ])('%s', async (_name, body, error) => {
    answers['/metrics'] = [200, body]
    const report = await checkHealth({url: base, requireControlPlanePoll: true})
    expect(report.control_plane_poll).toEqual({url: `${base}/metrics`, ok: false, error})
    expect(report.result).toBe('fail')
  })

  test('files that cannot be read or hold nothing', async () => {
    const missing = await checkHealth({urlFile: '/nonexistent/url', pidFile: '/nonexistent/pid'})
    expect(missing.locator.error).toBe('read /nonexistent/url: open /nonexistent/url: no such file or directory')
    expect(missing.process?.error).toBe('read /nonexistent/pid: open /nonexistent/pid: no such file or directory')
    expect(missing).toMatchObject({healthz: {ok: false}, readyz: {ok: false}, result: 'fail'})
    const empty = join(folder, 'empty')
    await writeFile(empty, '\n')
    expect((await checkHealth({urlFile: empty})).locator.error).toBe(`${empty} did not contain a health URL`)
    const key = join(folder, 'key')
    await writeFile(key, 'sk-canary-1\n')
    const {locator, result} = await checkHealth({urlFile: key})
    expect(locator).toEqual({kind: 'url_file', url_file: key, error: `${key} did not contain a health URL`})
    expect(result).toBe('fail')
    const garbage = join(folder, 'pid')
    await writeFile(garbage, 'abc\n')
    expect((await checkHealth({url: base, pidFile: garbage})).process).toEqual({
      pid_file: garbage,
      running: false,
      error: `parse ${garbage} as pid: "abc"`,
    })
    await writeFile(key, 'sk-canary-0123456789\n')
    expect(JSON.stringify(await checkHealth({url: base, pidFile: key}))).not.toContain('canary')
  })

  test.each(['127.0.0.1:99', 'http+unix://%%%', 'ftp://x', 'http://[::1'])('%s is no URL of ours', async (url) => {
    const report = await checkHealth({url})
    expect(report).toEqual({
      locator: {kind: 'url', url, resolved_base_url: url},
      healthz: {ok: false},
      readyz: {ok: false},
      result: 'fail',
    })
  })

  test.each(['http://me:50%canary@127.0.0.1:8080', 'ftp://me:canary@x'])(
    'the password in %s, which is none, is not shown',
    async (url) => {
      const report = await checkHealth({url})
      expect(report).toMatchObject({locator: {url: expect.stringMatching(/^\*{3}@/)}, result: 'fail'})
      expect(JSON.stringify(report)).not.toContain('canary')
    },
  )
})

describe('options that make no sense are refused', () => {
  test.each([
    [{}, 'choose exactly one of --url, --url-file, or --port'],
    [{url: 'http://a', port: 1}, 'choose exactly one of --url, --url-file, or --port'],
    [{port: -1}, '--port must be positive'],
    [{port: 1, pid: -1}, '--pid must be positive'],
    [{port: 1, pid: 1, pidFile: 'x'}, 'choose at most one of --pid or --pid-file'],
    [{port: 1, wait: 'soon'}, 'invalid argument "soon" for "--wait" flag'],
  ])('%j', async (options, message) => {
    await expect(checkHealth(options)).rejects.toThrow(message)
  })
})

describe('processes', () => {
  test('one that has ended, and a zombie, are not running', async () => {
    const child = spawn(process.execPath, ['-e', ''], {stdio: 'ignore'})
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await ended
    const {pid = 0} = child
    await eventually('the child is gone', async () => !(await processIsRunning(pid)))
    expect((await checkHealth({url: base, pid})).result).toBe('fail')
    expect(await processIsRunning(1)).toBe(true)
  })
})

describe('waiting', () => {
  test('asks again until it is well', async () => {
    answers['/readyz'] = [503, 'pending']
    const waiting = checkHealth({url: base, wait: '30s'})
    setTimeout(() => {
      answers['/readyz'] = [200, 'ready']
    }, 300)
    expect((await waiting).result).toBe('ok')
  })

  test('gives up with what it saw last, and at once when told to', async () => {
    answers['/readyz'] = [503, 'pending']
    expect(await checkHealth({url: base, wait: '250ms'})).toMatchObject({readyz: {body: 'pending'}, result: 'fail'})
    expect(await checkHealth({url: base, wait: '1h', signal: AbortSignal.abort()})).toMatchObject({result: 'fail'})
  })
})

test('health URLs', () => {
  expect(normalizeHealthUrl(' http://h:1/healthz ')).toBe('http://h:1')
  expect(normalizeHealthUrl('http://h:1/readyz/healthz')).toBe('http://h:1')
  expect(normalizeHealthUrl('http://h:1/healthz/')).toBe('http://h:1/healthz')
  expect(parseHealthUrl('http+unix://L3RtcC9BLnNvY2s')).toMatchObject({unixSocket: '/tmp/A.sock'})
  expect(parseHealthUrl('http+unix://')).toBeNull()
})

test('metric values', () => {
  expect(metricValue('a_total 1\na{x="1"} 2.5\na 3', 'a')).toBe(2.5)
  expect(metricValue('a\na x\na +Inf', 'a')).toBeNull()
  expect(metricValue('# a 1', 'a')).toBeNull()
})
