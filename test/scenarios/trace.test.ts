// A call is followed through a whole tunnel, over each transport: a quick one, a slow one, a broken one, and nothing that
// was said in them.

import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {type Binding, type DaemonProcess, Tunnel} from './tunnel.ts'

const SERVER = fileURLToPath(new URL('./servers/traced-server.mjs', import.meta.url))
const STDIO: Binding = {stdio: [process.execPath, SERVER, '--stdio']}
const CANARY = 'canary-5d1f'

const FAILURES = {
  http: {failure_class: 'mcp_status', code: 'TC-MCP-STATUS', status: 500},
  stdio: {failure_class: 'child_exited', code: 'TC-MCP-CHILD-EXITED', status: 502},
} as const

describe.each(['http', 'stdio'] as const)('over %s', (kind) => {
  const tunnel = new Tunnel()
  let daemon: DaemonProcess
  let mcpUrl = ''

  beforeAll(async () => {
    const service = await tunnel.service()
    mcpUrl = service.mcpUrl
    daemon = await tunnel.daemon(service, kind === 'http' ? await tunnel.scenarioServer('traced-server.mjs') : STDIO)
    await daemon.ready()
  }, 60_000)
  afterAll(() => tunnel.stop())

  const call = async (name: string, id: string): Promise<{error?: {data: Record<string, unknown>}}> => {
    const response = await fetch(mcpUrl, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'Mcp-Session-Id': `session-${CANARY}`,
        Authorization: `Bearer ${CANARY}`,
      },
      body: JSON.stringify({jsonrpc: '2.0', id, method: 'tools/call', params: {name, arguments: {q: CANARY}}}),
    })
    return JSON.parse((await response.text()).replace(/^data: /, ''))
  }

  const trace = (...args: string[]) => runCli(['trace', '--url-file', daemon.urlFile, ...args])

  const detail = async (id: string) => JSON.parse((await trace(id, '--json')).stdout)

  /** The answer reaches the caller before the daemon hears that it was taken. */
  const over = (id: string) =>
    eventually(`${id} is over`, async () => {
      const {status, body} = await daemon.get(`/api/calls/${id}`)
      return status === 200 && JSON.parse(body).outcome !== 'open'
    })

  test('a quick one: every station, in order', async () => {
    await call('quick', 'quick-1')
    await over('quick-1')
    const {times, phases, ...said} = await detail('quick-1')
    expect(said).toMatchObject({
      rpc_id: '"quick-1"',
      channel: 'main',
      transport: kind === 'http' ? 'http-streamable' : 'stdio',
      method: 'tools/call',
      tool: 'quick',
      outcome: 'answered',
      session: expect.stringMatching(/^[0-9a-f]{12}$/),
      waiting_on: null,
    })
    const {enqueued, ...ours} = times
    expect(Object.values(ours)).not.toContain(null)
    expect(Object.values(ours)).toEqual(Object.values(ours).toSorted((a, b) => Number(a) - Number(b)))
    expect(enqueued).toBeGreaterThan(0)
    expect(phases.map(({phase}: {phase: string}) => phase)).toEqual([
      'service_queue',
      'lane',
      'mcp_wait',
      'mcp_answer',
      'delivery',
      'service_ack',
    ])
  })

  test('a slow one: it is the turn of the MCP server, while it runs and afterwards', async () => {
    const answer = call('slow', 'slow-1')
    await eventually('it is seen open', async () => {
      const {status, body} = await daemon.get('/api/calls/slow-1')
      return status === 200 && JSON.parse(body).waiting_on === 'mcp'
    })
    await answer
    await over('slow-1')
    const {phases} = await detail('slow-1')
    expect(phases.find(({phase}: {phase: string}) => phase === 'mcp_wait').ms).toBeGreaterThan(200)
  })

  test('a broken one: the class of the trace is that of the answer', async () => {
    const {error} = await call('broken', 'broken-1')
    await over('broken-1')
    const {failure_class, code, status} = FAILURES[kind]
    expect(error?.data).toMatchObject({failure_class, code})
    expect(await detail('broken-1')).toMatchObject({outcome: 'error', failure_class, code, status})
    const {stdout} = await trace('broken-1')
    expect(stdout).toContain(code)
    expect((await trace('--failed')).stdout).toContain('broken')
  })

  test('nothing that was said', async () => {
    await call('quick', 'quiet-1')
    await over('quiet-1')
    for (const path of ['/api/calls', '/api/calls/quiet-1']) {
      const {status, body} = await daemon.get(path)
      expect(status).toBe(200)
      expect(body).not.toContain(CANARY)
    }
    expect((await trace('quiet-1')).stdout).not.toContain(CANARY)
  })
})
