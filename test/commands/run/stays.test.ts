// What `run` survives: it says once what is wrong, answers 503 with the reason, and recovers by itself.

import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import {createMcpStub} from '../../../src/service/mcp-stub/index.ts'
import {createTunnelService} from '../../../src/service/tunnel-service/index.ts'
import {quietPort} from '../../support/servers/loopback.ts'
import {CANARY, READER_KEY, runWorld, type Start, TUNNEL} from './world.ts'

const world = runWorld()
const {run} = world

describe('stays, says why once, and recovers', () => {
  /** Well beyond the first retries. */
  const awhile = (): Promise<void> => sleep(1500)

  test.each([
    [
      'a wrong key',
      {key: 'wrong-key-00000'} as Start,
      'control plane poll failing: key_invalid',
      /setting=control_plane\.api_key origin="env CONTROL_PLANE_API_KEY" next=".+"/,
    ],
    [
      'a key without Use',
      {key: READER_KEY},
      'control plane poll failing: use_forbidden',
      /setting=control_plane\.api_key origin="env CONTROL_PLANE_API_KEY" next=".+"/,
    ],
    [
      'an unknown tunnel',
      {tunnelId: 'tunnel_ffffffffffffffffffffffffffffffff'},
      'control plane poll failing: tunnel_unknown',
      /setting=control_plane\.tunnel_id value=tunnel_f{32} origin="flag --control-plane\.tunnel-id" next=".+"/,
    ],
  ])('%s', async (_, start, body, advice) => {
    const daemon = await run([], start)
    await daemon.says(503, body)
    await awhile()
    expect(daemon.lines('poll failed; backing off')).toEqual([expect.stringMatching(advice)])
    expect(daemon.lines(' WARN ')).toHaveLength(1)
    expect((await daemon.get('/healthz')).body).toBe('live')
    expect(daemon.said()).not.toContain(start.key ?? CANARY)
    const reasons = JSON.parse((await daemon.get('/readyz?format=json')).body).reasons
    expect(reasons).toContainEqual(expect.objectContaining({subject: 'control_plane', ok: false}))
  })

  test('the MCP server is down: 503 until it comes up', async () => {
    const port = await quietPort()
    const daemon = await run([], {mcp: ['--mcp.server-url', `http://127.0.0.1:${port}/mcp`]})
    await daemon.says(503, /^mcp probe failed: /)
    const late = await createMcpStub({listenAddr: `127.0.0.1:${port}`})
    try {
      await daemon.says(200, 'ready')
      expect(daemon.lines('failed to connect to mcp')).toEqual([
        expect.stringMatching(
          `setting=mcp.server_urls value=http://127.0.0.1:${port}/mcp origin="flag --mcp.server-url" next=".+"`,
        ),
      ])
      expect(daemon.lines('MCP server answers again')).toHaveLength(1)
    } finally {
      await late.close()
    }
  })

  test('the service is down at the start and comes up later: ready without being started again', async () => {
    const port = await quietPort()
    const daemon = await run([], {baseUrl: `http://127.0.0.1:${port}`})
    await daemon.says(503, 'control plane poll failing: refused')
    await awhile()
    expect(daemon.lines('poll failed; backing off')).toEqual([
      expect.stringMatching(
        `setting=control_plane.base_url value=http://127.0.0.1:${port} origin="flag --control-plane.base-url" next=".+"`,
      ),
    ])
    const late = await createTunnelService({
      tunnelId: TUNNEL,
      control: {host: '127.0.0.1', port},
      keys: [{name: 'all', value: new Secret(CANARY), scopes: ['read', 'use', 'manage']}],
    })
    try {
      await daemon.says(200, 'ready')
      expect(daemon.lines('poller recovered; polling operational')).toHaveLength(1)
    } finally {
      await daemon.process.stop()
      await late.close()
    }
  })
})
