// The MCP server behind main: real handshakes, and everything that stands in the way of one.

import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import type {ServerResponse} from 'node:http'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, onTestFinished, test} from 'vitest'
import {processIsRunning} from '../../../src/toolkit/live/index.ts'
import {eventually} from '../../support/eventually.ts'
import {listenInTest} from '../../support/servers/loopback.ts'
import {startRawHttpServer} from '../../support/servers/raw-http-server.ts'
import {mcpStub, scripted, tunnelService, visit} from './visit.ts'

const SERVER = fileURLToPath(new URL('../../support/servers/stdio-server.mjs', import.meta.url))
const EVERYTHING = fileURLToPath(
  new URL('../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
)
const ONLY = ['mcp:main', 'mcp_server_reachable', 'mcp_command_executable', 'mcp_target', 'oauth_metadata']

const http = async (mcp: string, more = {}) => visit({service: await tunnelService(), mcp, only: ONLY, ...more})
const stdio = async (command: string, more = {}) =>
  visit({service: await tunnelService(), command, only: ONLY, ...more})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rm(path, {recursive: true, force: true}))
  return path
}

describe('HTTP', () => {
  test('a server that is well', async () => {
    const stub = await mcpStub()
    const report = await http(stub.mcpUrl)
    expect(report.result).toBe('ok')
    expect(report.row('mcp_target').summary).toBe(stub.mcpUrl)
    expect(report.row('mcp_server_reachable').summary).toBe(
      `HTTP 200 from ${stub.mcpUrl}: mcp-stub 0.1.0, MCP 2025-11-25, 3 tools`,
    )
    expect(report.row('mcp:main/protocol').facts).toMatchObject({tools: 3, http_status: 200})
  })

  test('calls no tool and stays far below forty requests', async () => {
    const stub = await mcpStub()
    const methods: string[] = []
    const between = await scripted((request, reply) => {
      methods.push(request.method ?? '')
      reply.writeHead(401, {'Content-Type': 'text/plain'}).end()
    })
    await http(`${between.url}/mcp`)
    expect(methods.length).toBeLessThan(10)
    await stub.close(0)
  })

  test('401 is alive: callers bring their token', async () => {
    const {url} = await scripted((_request, reply) =>
      reply.writeHead(401, {'WWW-Authenticate': 'Bearer realm="x"'}).end(),
    )
    const report = await http(`${url}/mcp`)
    expect(report.row('mcp_server_reachable')).toMatchObject({
      status: 'PASS',
      summary: expect.stringMatching(/^HTTP 401 from /),
    })
    expect(report.result).toBe('ok')
  })

  test('a server of the newer era only', async () => {
    const {url} = await scripted((request, reply) => {
      const method = request.headers['mcp-method']
      const result =
        method === 'server/discover'
          ? {
              supportedVersions: ['2026-07-28'],
              capabilities: {tools: {}},
              _meta: {'io.modelcontextprotocol/serverInfo': {name: 'modern', version: '2'}},
            }
          : method === 'tools/list'
            ? {tools: [{name: 'a', inputSchema: {type: 'object'}}]}
            : null
      const id = method === 'server/discover' ? 'doctor-2' : 'doctor-3'
      const body = result
        ? {jsonrpc: '2.0', id, result}
        : {jsonrpc: '2.0', id: 'doctor-1', error: {code: -32601, message: 'no'}}
      reply.writeHead(result ? 200 : 400, {'Content-Type': 'application/json'}).end(JSON.stringify(body))
    })
    const report = await http(`${url}/mcp`)
    expect(report.row('mcp:main/protocol').summary).toBe('modern 2, MCP 2026-07-28, 1 tool')
  })

  test('a server that ends its streams when its session is deleted', async () => {
    const open = new Set<ServerResponse>()
    const server = await startRawHttpServer(({method, body}, reply) => {
      if (method === 'DELETE') {
        for (const stream of open) stream.end()
        reply.writeHead(200).end()
        return
      }
      const {id, method: asked} = JSON.parse(body.toString()) as {id?: unknown; method: string}
      if (id === undefined) {
        reply.writeHead(202).end()
        return
      }
      const result =
        asked === 'initialize'
          ? {protocolVersion: '2025-11-25', capabilities: {tools: {}}, serverInfo: {name: 'closing', version: '4.2'}}
          : {tools: []}
      open.add(reply.writeHead(200, {'Content-Type': 'text/event-stream', 'Mcp-Session-Id': 's1'}))
      // A DELETE that comes too early arrives before this, and ends the stream without the answer.
      setTimeout(() => {
        if (!reply.writableEnded) reply.end(`data: ${JSON.stringify({jsonrpc: '2.0', id, result})}\n\n`)
      }, 150)
    })
    onTestFinished(server.close)
    const report = await http(server.url.href)
    expect(report.row('mcp:main/protocol').summary).toBe('closing 4.2, MCP 2025-11-25, 0 tools')
    expect(server.seen.map(({method}) => method)).toEqual(['POST', 'POST', 'POST', 'DELETE'])
  })

  test('nobody there', async () => {
    const report = await http('http://127.0.0.1:1/mcp')
    expect(report.row('mcp:main/connect')).toMatchObject({status: 'FAIL', failure_class: 'refused'})
    expect(report.row('mcp_server_reachable')).toMatchObject({status: 'FAIL', failure_class: 'refused'})
    expect(report.row('mcp:main/protocol').status).toBe('BLOCKED')
    expect(report.failed_checks).toEqual(['mcp_server_reachable', 'mcp:main/connect'])
    expect(report.verdict).toMatchObject({destination: 'mcp:main', rung: 'connect'})
  })

  test.each([
    ['an error status', 500, 'text/plain', 'oops', /^mcp_/],
    ['a web page', 200, 'text/html', '<html></html>', /^mcp_content_type$/],
    ['garbage', 200, 'application/json', 'not json', /^mcp_/],
  ])('%s', async (_name, status, type, body, failure) => {
    const {url} = await scripted((_request, reply) => reply.writeHead(status, {'Content-Type': type}).end(body))
    const report = await http(`${url}/mcp`)
    expect(report.row('mcp:main/http').status).toBe('PASS')
    const protocol = report.row('mcp:main/protocol')
    expect(protocol.status).toBe('FAIL')
    expect(protocol.failure_class).toMatch(failure)
    expect(report.row('mcp_server_reachable').status).toBe('FAIL')
  })

  test('a server that never answers', async () => {
    const {url} = await scripted(() => {})
    const report = await http(`${url}/mcp`, {timeout: '8s'})
    expect(report.row('mcp:main/connect').status).toBe('PASS')
    expect(report.row('mcp:main/http')).toMatchObject({status: 'FAIL', failure_class: 'timeout_http'})
    expect(report.row('mcp_server_reachable').status).toBe('FAIL')
  })

  test('over a unix socket', async () => {
    const path = join(await folder(), 'absent.sock')
    const report = await http(`url=http://localhost/mcp,unix-socket=${path}`)
    expect(report.row('mcp:main/connect')).toMatchObject({
      status: 'FAIL',
      failure_class: 'socket_missing',
      hop: {kind: 'unix', address: path},
    })
  })

  test('user, password and query of the address are not shown', async () => {
    const {url} = await scripted((_request, reply) => reply.writeHead(401).end())
    const report = await http(`${url.replace('//', '//user:hunter2@')}/mcp?token=hunter3`)
    expect(report.row('mcp_target').summary).toBe(`${url}/mcp?…`)
    expect(JSON.stringify(report)).not.toMatch(/hunter/)
  })
})

describe('stdio', () => {
  test('the real thing, and nothing is left of it', async () => {
    const report = await stdio(`node ${EVERYTHING} stdio`)
    expect(report.row('mcp_command_executable').summary).toMatch(/node$/)
    const protocol = report.row('mcp:main/protocol')
    expect(protocol.status).toBe('PASS')
    expect(protocol.facts?.tools).toBeGreaterThan(5)
    expect(report.row('mcp_server_reachable').status).toBe('PASS')
    expect(report.row('oauth_metadata').summary).toBe('stdio targets do not expose OAuth metadata URLs')

    const pidFile = join(await folder(), 'pid')
    await stdio(`sh -c 'trap "" TERM; echo $$ > ${pidFile}; while :; do sleep 1; done'`, {timeout: '6s'})
    const pid = Number(await readFile(pidFile, 'utf8'))
    expect(pid).toBeGreaterThan(1)
    await eventually('the child is gone', async () => !(await processIsRunning(pid)))
  })

  test('a program that is not there', async () => {
    const report = await stdio('/nonexistent/server --x')
    expect(report.row('mcp_command_executable')).toMatchObject({status: 'FAIL', failure_class: 'child_missing'})
    expect(report.row('mcp_command_executable').summary).toContain(
      'stdio MCP executable "/nonexistent/server" was not found',
    )
    expect(report.verdict.line).toMatch(/^You: mcp_command_executable/)
  })

  test('a command that was written for a shell: the next step says so', async () => {
    const report = await stdio('cd /srv && ./server')
    expect(report.row('mcp_command_executable').next).toEqual([expect.stringContaining('sh -c')])
  })

  test('a program that ends at once: status and last words are told', async () => {
    const report = await stdio(`sh -c 'echo Usage: server >&2; exit 3'`)
    const protocol = report.row('mcp:main/protocol')
    expect(protocol).toMatchObject({status: 'FAIL', failure_class: 'child_exited', who: ['you', 'mcp_vendor']})
    expect(protocol.summary).toContain('stdio MCP command exited with code 3')
    expect(protocol.evidence).toContain('stderr: Usage: server')
    expect(report.verdict.line).toContain('Usage: server')
  })

  test('a program that says our key aloud: the words are told, the key is not', async () => {
    const key = 'plain-canary-0123456789'
    const script = join(await folder(), 'loud.sh')
    await writeFile(script, `echo 'cannot log in with ${key}'; echo 'not with ${key}' >&2; exit 3`)
    const report = await stdio(`sh ${script}`, {env: {CONTROL_PLANE_API_KEY: key}})
    expect(report.row('mcp:main/protocol').evidence?.join()).toContain('cannot log in with')
    expect(report.row('mcp:main/protocol').evidence?.join()).toContain('stderr: not with')
    expect(JSON.stringify(report)).not.toContain(key)
  })

  test('a silent program is no proof either way', async () => {
    // A shell has said its words long before its time is over, on any machine.
    const report = await stdio(`sh -c 'echo server is up >&2; exec sleep 600'`, {timeout: '6s'})
    expect(report.row('mcp:main/protocol')).toMatchObject({
      status: 'UNKNOWN',
      summary: expect.stringMatching(/^still starting after \d+ s/),
      next: [expect.stringContaining('--timeout 60s')],
    })
    expect(report.row('mcp:main/protocol').evidence).toContain('stderr: server is up')
    expect(report.result).toBe('fail')
  })

  test('text on stdout before the first message is quoted', async () => {
    const report = await stdio(`node ${SERVER} --banner`)
    const protocol = report.row('mcp:main/protocol')
    expect(protocol.evidence?.join()).toContain('Welcome to the server!')
    expect(protocol.status).toBe('WARN')
    expect(report.result).toBe('ok')
  })

  test('the child does not see the key', async () => {
    const seen = join(await folder(), 'env')
    await visit({
      command: `sh -c 'env > ${seen}; exec node ${SERVER}'`,
      only: ONLY,
      flags: {'control-plane.tunnel-id': `tunnel_${'0'.repeat(32)}`, 'control-plane.api-key': 'env:MY_KEY'},
      env: {MY_KEY: 'sk-hidden', OPENAI_ADMIN_KEY: 'sk-hidden-too', PLAIN: 'visible'},
    })
    const text = await readFile(seen, 'utf8')
    expect(text).toContain('PLAIN=visible')
    expect(text).not.toContain('sk-hidden')
  })

  test('--no-spawn starts nothing', async () => {
    const count = join(await folder(), 'starts')
    const report = await stdio(`node ${SERVER} --count ${count}`, {spawn: false})
    expect(report.row('mcp:main/protocol').status).toBe('SKIP')
    await expect(readFile(count)).rejects.toThrow()
  })
})

test('offline, nobody is asked', async () => {
  const asked = createServer((socket) => socket.destroy())
  let connections = 0
  asked.on('connection', () => connections++)
  const port = await listenInTest(asked)
  const report = await visit({
    offline: true,
    mcp: `http://127.0.0.1:${port}/mcp`,
    flags: {
      'control-plane.base-url': `http://127.0.0.1:${port}`,
      'control-plane.tunnel-id': `tunnel_${'0'.repeat(32)}`,
    },
    env: {CONTROL_PLANE_API_KEY: 'k'},
  })
  expect(report.result).toBe('ok')
  expect(report.row('mcp_server_reachable').status).toBe('SKIP')
  expect(connections).toBe(0)
})
