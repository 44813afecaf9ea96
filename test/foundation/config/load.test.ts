import {describe, expect, it} from 'vitest'
import {CONFIG_ROWS, type ConfigKey, type TunnelConfig} from '../../../src/foundation/config/index.ts'
import {load, NEEDED, TUNNEL} from './loading.ts'

const OTHER = 'tunnel_ffffffffffffffffffffffffffffffff'

/** The master table: what the three layers write, and what comes out; `unset` is the default. */
interface Line {
  readonly key: ConfigKey
  readonly read: (config: TunnelConfig) => unknown
  readonly unset: unknown
  readonly flag: readonly [string | readonly string[] | boolean, unknown]
  readonly env: readonly [string, unknown]
  readonly yaml: readonly [unknown, unknown]
  /** What this key needs besides. */
  readonly beside?: Readonly<Record<string, string | undefined>>
}

const headers = (list: readonly {name: string; value: {reveal(): string}}[]): unknown =>
  list.map(({name, value}) => `${name}: ${value.reveal()}`)

const TABLE: readonly Line[] = [
  {
    key: 'control_plane.base_url',
    read: (config) => config.controlPlane.baseUrl.href,
    unset: 'https://api.openai.com/',
    flag: ['http://flag.test:81/path?q#f', 'http://flag.test:81/'],
    env: ['https://user:pw@ENV.test', 'https://env.test/'],
    yaml: ['http://[::1]:82', 'http://[::1]:82/'],
  },
  {
    key: 'control_plane.url_path',
    read: (config) => config.controlPlane.urlPath,
    unset: '',
    flag: ['/a/b/', '/a/b'],
    env: [' / ', ''],
    yaml: ['/a b/../c%2Fd', '/c/d'],
  },
  {
    key: 'control_plane.tunnel_id',
    read: (config) => config.controlPlane.tunnelId,
    unset: TUNNEL,
    flag: [OTHER, OTHER],
    env: [`${OTHER} `, `${OTHER} `],
    yaml: [OTHER, TUNNEL],
  },
  {
    key: 'control_plane.organization_id',
    read: (config) => config.controlPlane.organizationId,
    unset: null,
    flag: [' org_flag ', 'org_flag'],
    env: ['org_env', 'org_env'],
    yaml: ['org_yaml', 'org_yaml'],
  },
  {
    key: 'control_plane.max_inflight_requests',
    read: (config) => config.controlPlane.maxInflight,
    unset: 20,
    flag: ['0x10', 16],
    env: ['+7', 7],
    yaml: [10_000, 10_000],
  },
  {
    key: 'control_plane.poll_timeout',
    read: (config) => config.controlPlane.pollTimeout,
    unset: 30_000,
    flag: ['1m30s', 90_000],
    env: ['1.5s', 1_500],
    yaml: ['9m55s', 595_000],
  },
  {
    key: 'control_plane.poll_deadline_guardrail',
    read: (config) => config.controlPlane.pollDeadlineGuardrail,
    unset: 5_000,
    flag: ['1ns', 0.000001],
    env: ['59.999s', 59_999],
    yaml: ['1s', 1_000],
  },
  {
    key: 'control_plane.poll_channels',
    read: (config) => config.controlPlane.pollChannels,
    unset: null,
    flag: [
      ['main', 'harpoon'],
      ['harpoon', 'main'],
    ],
    env: ['main', ['main']],
    yaml: [['main'], ['main']],
  },
  {
    key: 'control_plane.extra_headers',
    read: (config) => headers(config.controlPlane.extraHeaders),
    unset: [],
    flag: [['x-team: a, b; c'], ['X-Team: a, b; c']],
    env: ['x-one: 1, x-two: 2; x-one: 3', ['X-One: 3', 'X-Two: 2']],
    yaml: [{'x-list': 'a,b;c'}, ['X-List: a,b;c']],
  },
  {
    key: 'mcp.extra_headers',
    read: (config) => headers(config.mcp.extraHeaders),
    unset: [],
    flag: [
      ['authorization: Bearer x', 'b: 2'],
      ['Authorization: Bearer x', 'B: 2'],
    ],
    env: ['a:1', ['A: 1']],
    yaml: [{a: 5}, ['A: 5']],
  },
  {
    key: 'mcp.discovery_extra_headers',
    read: (config) => headers(config.mcp.discoveryExtraHeaders),
    unset: [],
    flag: ['a: 1', ['A: 1']],
    env: ['b: 2', ['B: 2']],
    yaml: [{c: true}, ['C: true']],
  },
  {
    key: 'mcp.server_urls',
    read: (config) => config.mcp.bindings.map((one) => one.kind === 'http' && `${one.channel} ${one.url.href}`),
    unset: ['main http://127.0.0.1:9/mcp'],
    flag: [
      ['https://flag.test/mcp?a=1,2', 'channel=B, url=http://b.test '],
      ['main https://flag.test/mcp?a=1,2', 'b http://b.test/'],
    ],
    env: ['http://env.test/x\r\n\n channel=c,url=http://c.test', ['main http://env.test/x', 'c http://c.test/']],
    yaml: [[{url: 'http://yaml.test/?a=1,b=2', channel: ' Main '}], ['main http://yaml.test/?a=1,b=2']],
    beside: {MCP_SERVER_URL: undefined},
  },
  {
    key: 'mcp.commands',
    read: (config) => config.mcp.bindings.flatMap((one) => (one.kind === 'stdio' ? [[one.channel, ...one.argv]] : [])),
    unset: [],
    flag: [['channel=a,command=node "x y"'], [['a', 'node', 'x y']]],
    env: ['command=node a,b,channel=c', [['c', 'node', 'a,b']]],
    yaml: [[{channel: 'd', command: 'node a,channel=z\n  b'}], [['d', 'node', 'a,channel=z', 'b']]],
  },
  {
    key: 'mcp.connection_max_ttl',
    read: (config) => config.mcp.connectionMaxTtl,
    unset: 600_000,
    flag: ['1h', 3_600_000],
    env: ['1ms', 1],
    yaml: ['2m', 120_000],
  },
  {
    key: 'mcp.startup_wait_timeout',
    read: (config) => config.mcp.startupWaitTimeout,
    unset: 0,
    flag: ['10s', 10_000],
    env: ['0', 0],
    yaml: ['1s', 1_000],
  },
  {
    key: 'mcp.max_concurrent_requests',
    read: (config) => config.mcp.maxConcurrentRequests,
    unset: 10,
    flag: ['64', 64],
    env: ['1', 1],
    yaml: [1_000_000, 1_000_000],
  },
  {
    key: 'log.level',
    read: (config) => config.log.level,
    unset: 'info',
    flag: ['WARN', 'warn'],
    env: ['debug', 'debug'],
    yaml: ['error+4', 'error'],
    beside: {LOG_FORMAT: 'json'},
  },
  {
    key: 'log.format',
    read: (config) => config.log.format,
    unset: 'default',
    flag: ['JSON', 'json'],
    env: ['struct-text', 'struct-text'],
    yaml: ['json', 'json'],
  },
  {
    key: 'log.file',
    read: (config) => [config.log.file, config.log.format],
    unset: [null, 'default'],
    flag: ['/var/log/a', ['/var/log/a', 'struct-text']],
    env: ['b', ['b', 'struct-text']],
    yaml: ['C:\\log\\c', ['C:\\log\\c', 'struct-text']],
  },
  {
    key: 'health.listen_addr',
    read: (config) => config.health.listenAddr,
    unset: '127.0.0.1:8080',
    flag: [':0', ':0'],
    env: ['0.0.0.0:1', '0.0.0.0:1'],
    yaml: ['[::1]:2', '[::1]:2'],
  },
  {
    key: 'health.unix_socket',
    read: (config) => config.health.unixSocket,
    unset: null,
    flag: ['/run/flag.sock', '/run/flag.sock'],
    env: ['env:x', 'env:x'],
    yaml: ['/run/yaml.sock', '/run/yaml.sock'],
  },
  {
    key: 'health.url_file',
    read: (config) => config.health.urlFile,
    unset: null,
    flag: ['a.url', 'a.url'],
    env: ['b.url', 'b.url'],
    yaml: ['c.url', 'c.url'],
  },
  {
    key: 'health.show_details',
    read: (config) => config.health.showDetails,
    unset: false,
    flag: ['true', true],
    env: ['1', true],
    yaml: [true, true],
  },
  {
    key: 'process.pid_file',
    read: (config) => config.process.pidFile,
    unset: null,
    flag: ['a.pid', 'a.pid'],
    env: ['b.pid', 'b.pid'],
    yaml: ['c.pid', 'c.pid'],
  },
  {
    key: 'process.drain_timeout',
    read: (config) => config.process.drainTimeout,
    unset: 25_000,
    flag: ['0s', 0],
    env: ['1m', 60_000],
    yaml: ['5s', 5_000],
  },
  {
    key: 'admin_ui.allow_remote',
    read: (config) => config.adminUi.allowRemote,
    unset: false,
    flag: ['true', true],
    env: ['1', true],
    yaml: [true, true],
  },
  {
    key: 'admin_ui.open_browser',
    read: (config) => config.adminUi.openBrowser,
    unset: false,
    flag: [true, true],
    env: ['TRUE', true],
    yaml: [true, true],
  },
  {
    key: 'admin_ui.log_buffer_events',
    read: (config) => config.adminUi.logBufferEvents,
    unset: 2_000,
    flag: ['1', 1],
    env: ['100000', 100_000],
    yaml: [5, 5],
  },
]

/** YAML is a superset of JSON. */
const yamlOf = (key: string, value: unknown): string => {
  const [section = '', name] = key.split('.')
  return JSON.stringify(name === undefined ? {[section]: value} : {[section]: {[name]: value}}, null, 2)
}

describe.each(TABLE)('$key', ({key, read, unset, flag, env, yaml, beside}) => {
  const row = CONFIG_ROWS.find((candidate) => candidate.key === key)!
  const variable = row.env[0]!

  it('has its default', async () => {
    const config = await load({env: key === 'mcp.server_urls' ? {} : {...beside}})
    expect(read(config)).toEqual(unset)
    const needed = Object.hasOwn(NEEDED, variable)
    expect(config.origin(key)).toEqual(needed ? {layer: 'env', name: variable} : {layer: 'default'})
  })

  it('is read from YAML, with its line', async () => {
    const hidden = key === 'control_plane.tunnel_id'
    const config = await load({env: {...beside}, yaml: yamlOf(key, yaml[0])})
    expect(read(config)).toEqual(yaml[1])
    if (hidden) expect(config.origin(key)).toEqual({layer: 'env', name: variable})
    else expect(config.origin(key)).toEqual({layer: 'file', path: 'tunnel.yaml', line: 3})
  })

  it('is read from the variable, over YAML', async () => {
    const config = await load({env: {...beside, [variable]: env[0]}, yaml: yamlOf(key, yaml[0])})
    expect(read(config)).toEqual(env[1])
    expect(config.origin(key)).toEqual({layer: 'env', name: variable})
  })

  it('is read from the flag, over the variable and YAML', async () => {
    const given = {env: {...beside, [variable]: env[0]}, yaml: yamlOf(key, yaml[0])}
    const config = await load({...given, flags: {[row.flag]: flag[0]}})
    expect(read(config)).toEqual(flag[1])
    expect(config.origin(key)).toEqual({layer: 'flag', name: row.flag})
  })

  it.each(row.flagAliases)('is read from --%s when the canonical flag is absent', async (alias) => {
    const config = await load({env: {...beside, [variable]: env[0]}, flags: {[alias]: flag[0]}})
    expect(read(config)).toEqual(flag[1])
    expect(config.origin(key)).toEqual({layer: 'flag', name: alias})
    const both = await load({env: {...beside}, flags: {[alias]: 'not this one', [row.flag]: flag[0]}})
    expect(read(both)).toEqual(flag[1])
  })

  const kept = row.emptyEnv === 'kept' || Object.hasOwn(NEEDED, variable)
  if (!kept)
    it('means the default, not YAML, when the variable is set to nothing', async () => {
      const config = await load({env: {...beside, [variable]: ''}, yaml: yamlOf(key, yaml[0])})
      expect(read(config)).toEqual(unset)
    })

  const isText = row.yaml === 'string' && row.kind !== 'duration'
  if (isText && row.emptyFlag === undefined)
    it('falls through an empty flag', async () => {
      const config = await load({env: {...beside, [variable]: env[0]}, flags: {[row.flag]: ''}})
      expect(read(config)).toEqual(env[1])
    })
})

describe('the table', () => {
  it('has a line for every row that a single value can set', () => {
    const alone = [
      'config',
      'profile',
      'profile_file',
      'profile_dir',
      'ca_bundle',
      'control_plane.api_key',
      'log.http_raw_unsafe',
      'mcp.serial_channels',
    ]
    const pairs = ['control_plane.client_cert', 'control_plane.client_key', 'mcp.client_cert', 'mcp.client_key']
    const covered = new Set<string>([...TABLE.map(({key}) => key), ...alone, ...pairs])
    expect(CONFIG_ROWS.map(({key}) => key).filter((key) => !covered.has(key))).toEqual([])
  })
})
