// The first thing that anybody runs: it has to work, to say what it did, and to leave nothing behind.

import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {type Cli, cli} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'

let folder = ''
const started: Cli[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
})
afterEach(async () => {
  for (const process of started.splice(0)) await process.stop()
  rmSync(folder, {recursive: true})
})

function demo(args: readonly string[] = [], env: Record<string, string> = {}): Cli {
  const process = cli(['dev', 'demo', ...args], {env: {TMPDIR: folder, ...env}, cwd: folder})
  started.push(process)
  return process
}

/** Processes that the demo has started and that still live. */
const childrenOf = async (pid: number): Promise<number[]> => {
  const {readFileSync} = await import('node:fs')
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/stat`).split(') ')[1]?.split(' ')[1] === String(pid))
    .map(Number)
}

test('--once: a tool call travels the whole way, exit 0, no file left', async () => {
  const process = demo(['--once'])
  expect((await process.exited).status).toBe(0)
  expect(process.stdout()).toMatch(/echo answered ".*hello.*" .*in [\d.]+ ms/)
  expect(process.stdout()).toMatch(/MCP URL: +http:\/\/127\.0\.0\.1:\d+\/v1\/mcp\/tunnel_[0-9a-f]{32}\n/)
  expect(process.stdout()).toMatch(/Health URL: +http:\/\/127\.0\.0\.1:\d+\/readyz \(ready\)\n/)
  expect(process.stderr()).toBe('')
  expect(readdirSync(folder)).toEqual([])
})

test('stays until Ctrl-C; what it says to try works; then no process and no file is left', async () => {
  const process = demo()
  await process.output(/Running until Ctrl-C/)
  const text = process.stdout()
  const healthUrl = /curl -fsS (\S+)/.exec(text)?.[1] ?? ''
  expect(await (await fetch(healthUrl)).text()).toBe('ready')
  const curl = /curl -sS (\S+) (.*) \\\n +-d '(.*)'\n/.exec(text)
  const headers = Object.fromEntries(
    [...(curl?.[2] ?? '').matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, k, v]) => [k, v]),
  )
  const answer = await fetch(curl?.[1] ?? '', {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: curl?.[3] ?? '',
  })
  expect(await answer.text()).toContain('IT WORKS')
  const children = await childrenOf(process.pid)
  if (globalThis.process.platform === 'linux') expect(children).toHaveLength(1)
  process.kill('SIGINT')
  expect((await process.exited).status).toBe(0)
  for (const child of children) expect(() => globalThis.process.kill(child, 0)).toThrow(/ESRCH/)
  expect(readdirSync(folder)).toEqual([])
})

test('--json prints one document', async () => {
  const process = demo(['--json', '--once'])
  expect((await process.exited).status).toBe(0)
  expect(JSON.parse(process.stdout())).toEqual({
    schema_version: 1,
    tunnel_id: expect.stringMatching(/^tunnel_[0-9a-f]{32}$/),
    mcp_url: expect.stringContaining('/v1/mcp/tunnel_'),
    health_url: expect.stringMatching(/\/readyz$/),
    ready: true,
    readiness: 'ready',
    tools: ['server_info', 'echo', 'uppercase'],
    first_call: {tool: 'echo', text: expect.stringContaining('hello'), ms: expect.any(Number)},
  })
})

test("the user's own tunnel settings do not disturb it", async () => {
  const process = demo(['--once'], {
    CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9',
    MCP_COMMAND: 'no-such-program',
    MCP_SERVER_URL: 'http://127.0.0.1:9/mcp',
    PID_FILE: '/nonexistent/pid',
    LOG_LEVEL: 'nonsense',
    HTTPS_PROXY: 'http://127.0.0.1:9',
  })
  expect((await process.exited).status).toBe(0)
})

test.each([/starting the daemon/, /waiting for the MCP server/, /sending a tool call/])(
  'Ctrl-C at "%s" ends it with 0 and leaves nothing',
  async (moment) => {
    const process = demo()
    await process.output(moment)
    const children = await childrenOf(process.pid)
    process.kill('SIGINT')
    expect((await process.exited).status).toBe(0)
    expect(readdirSync(folder)).toEqual([])
    await eventually('the children are gone', () => children.every((child) => !alive(child)))
  },
)

function alive(pid: number): boolean {
  try {
    globalThis.process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
