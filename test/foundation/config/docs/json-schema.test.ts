import {describe, expect, it} from 'vitest'
import {configJsonSchema} from '../../../../src/foundation/config/index.ts'
import {loadZod} from '../../../../src/foundation/platform/index.ts'
import {load, problemsOf, TUNNEL} from '../loading.ts'

const z = await loadZod()
const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0])
const validate = (value: unknown): boolean => schema.safeParse(value).success

const GOOD = [
  {},
  null,
  {
    config_version: 1,
    control_plane: {tunnel_id: TUNNEL, poll_timeout: '1m30s', max_inflight_requests: 5, extra_headers: {a: 'b', c: 1}},
  },
  {
    mcp: {
      server_urls: [{url: 'http://h', channel: 'Main', unix_socket: null}],
      commands: [{channel: 'x', command: 'node'}],
    },
  },
  {log: {format: 'json', http_raw_unsafe: false}, admin_ui: null, process: {drain_timeout: '0'}},
]
const BAD = [
  [],
  {nonsense: 1},
  {config_version: 2},
  {control_plane: {tunel_id: 'x'}},
  {control_plane: {max_inflight_requests: 0}},
  {control_plane: {max_inflight_requests: '5'}},
  {control_plane: {poll_timeout: '30'}},
  {control_plane: {poll_channels: 'main'}},
  {mcp: {server_urls: [{channel: 'main'}]}},
  {mcp: {commands: ['node']}},
  {log: {format: 'text'}},
  {admin_ui: {log_buffer_events: 100_001}},
]

describe('configJsonSchema', () => {
  it.each(GOOD.map((value) => JSON.stringify(value)))('accepts what the loader accepts: %s', async (text) => {
    expect(validate(JSON.parse(text))).toBe(true)
    await expect(
      load({yaml: text, env: {MCP_SERVER_URL: text.includes('server_urls') ? undefined : 'http://h'}}),
    ).resolves.toBeDefined()
  })

  it.each(BAD.map((value) => JSON.stringify(value)))('refuses what the loader refuses: %s', async (text) => {
    expect(validate(JSON.parse(text))).toBe(false)
    const hidden = {MCP_SERVER_URL: undefined, MCP_COMMAND: undefined}
    expect((await problemsOf({yaml: text, env: hidden})).length).toBeGreaterThan(0)
  })
})
