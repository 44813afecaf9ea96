import {describe, expect, it} from 'vitest'
import {load, problemOf, problemsOf, TUNNEL} from '../loading.ts'

const told = async (yaml: string): Promise<readonly (readonly [string, string, string | undefined])[]> =>
  (await problemsOf({yaml})).map(({code, message, origin}) => [
    code,
    message.replace(/^parse config file tunnel.yaml: /, ''),
    origin,
  ])

describe('keys', () => {
  it.each([
    ['nonsense_key: 1', 'field nonsense_key not found in the configuration'],
    ['control-plane: {}', 'field control-plane not found in the configuration; did you mean control_plane?'],
    ['tunnel_id: x', 'field tunnel_id not found in the configuration; did you mean control_plane.tunnel_id?'],
    ['control_plane: {tunel_id: x}', 'field tunel_id not found in control_plane; did you mean tunnel_id?'],
    [
      'control_plane: {maxInflightRequests: 3}',
      'field maxInflightRequests not found in control_plane; did you mean max_inflight_requests?',
    ],
    ['mcp: {command: x}', 'field command not found in mcp; did you mean commands?'],
    ['mcp: {listen_addr: x}', 'field listen_addr not found in mcp; did you mean health.listen_addr?'],
    ['log: {"": x}', 'field  not found in log'],
    ['mcp: {commands: [{cmd: x}]}', 'field cmd not found in an entry of mcp.commands'],
    [
      'mcp: {server_urls: [{url: "http://h", unix-socket: x}]}',
      'field unix-socket not found in an entry of mcp.server_urls; did you mean unix_socket?',
    ],
    ['harpoon: {nope: 1}', 'field nope not found in harpoon'],
    ['config: x', 'field config not found in the configuration'],
  ])('unknown: %s', async (yaml, message) => {
    expect(await told(yaml)).toEqual([
      ['TC-CONFIG-UNKNOWN-KEY', `yaml: unmarshal errors: line 1: ${message}`, 'tunnel.yaml:1'],
    ])
  })

  it('does not call missing what was misspelt', async () => {
    const env = {CONTROL_PLANE_TUNNEL_ID: undefined, CONTROL_PLANE_API_KEY: undefined, MCP_SERVER_URL: undefined}
    const codes = async (yaml: string): Promise<string[]> => (await problemsOf({env, yaml})).map(({code}) => code)
    expect(await codes('controlplane: {}\nmpc: {}\n')).toEqual(['TC-CONFIG-UNKNOWN-KEY', 'TC-CONFIG-UNKNOWN-KEY'])
    expect(await codes('something: {}\n')).toEqual([
      'TC-CONFIG-UNKNOWN-KEY',
      'TC-CONFIG-TUNNEL-ID-MISSING',
      'TC-CONFIG-API-KEY-MISSING',
      'TC-CONFIG-MAIN-CHANNEL-MISSING',
    ])
    expect(await codes('control_plane: {tunel_id: x, api_kye: y}\nmcp: {server_url: z}\n')).toEqual([
      'TC-CONFIG-UNKNOWN-KEY',
      'TC-CONFIG-UNKNOWN-KEY',
      'TC-CONFIG-UNKNOWN-KEY',
    ])
    expect(await codes('control_plane: [x]\nmcp: 1\n')).toEqual(['TC-CONFIG-YAML-TYPE', 'TC-CONFIG-YAML-TYPE'])
    expect(await codes('a: [')).toEqual(['TC-CONFIG-YAML-SYNTAX'])
  })

  it('repeated: names both lines, at every level', async () => {
    const yaml = 'log:\n  level: info\n  level: info\nlog: {}\nmcp:\n  extra_headers:\n    a: x\n    a: y\n'
    expect(await told(yaml)).toEqual([
      [
        'TC-CONFIG-YAML-DUPLICATE-KEY',
        'yaml: unmarshal errors: line 4: mapping key "log" already defined at line 1',
        'tunnel.yaml:4',
      ],
      [
        'TC-CONFIG-YAML-DUPLICATE-KEY',
        'yaml: unmarshal errors: line 3: mapping key "level" already defined at line 2',
        'tunnel.yaml:3',
      ],
      [
        'TC-CONFIG-YAML-DUPLICATE-KEY',
        'yaml: unmarshal errors: line 8: mapping key "a" already defined at line 7',
        'tunnel.yaml:8',
      ],
    ])
  })
})

describe('types', () => {
  it.each([
    ['[1]', 'cannot unmarshal !!seq into the configuration'],
    ['text', 'cannot unmarshal !!str into the configuration'],
    ['log: x', 'cannot unmarshal !!str into log (a map of keys)'],
    ['log: {level: [a]}', 'cannot unmarshal !!seq into string'],
    ['control_plane: {api_key: {a: b}}', 'cannot unmarshal !!map into string'],
    ['control_plane: {max_inflight_requests: "20"}', 'cannot unmarshal !!str into int'],
    ['control_plane: {max_inflight_requests: 20.5}', 'cannot unmarshal !!float into int'],
    ['log: {http_raw_unsafe: "true"}', 'cannot unmarshal !!str into bool'],
    ['log: {http_raw_unsafe: 1}', 'cannot unmarshal !!int into bool'],
    ['control_plane: {poll_channels: main}', 'cannot unmarshal !!str into []string'],
    ['control_plane: {poll_channels: [[main]]}', 'cannot unmarshal !!seq into string'],
    ['control_plane: {extra_headers: [a]}', 'cannot unmarshal !!seq into map[string]string'],
    ['control_plane: {extra_headers: {a: [b]}}', 'cannot unmarshal !!seq into string'],
    ['mcp: {commands: node}', 'cannot unmarshal !!str into a list of entries'],
    ['mcp: {commands: [node]}', 'cannot unmarshal !!str into an entry of mcp.commands (a map of keys)'],
    ['? [a]\n: b', 'cannot unmarshal !!seq into string'],
    ['config_version: "1"', 'cannot unmarshal !!str into int'],
    ['<<: 5', 'cannot unmarshal !!int into a map to merge'],
  ])('wrong: %s', async (yaml, message) => {
    const [problem] = await told(yaml)
    expect(problem).toEqual(['TC-CONFIG-YAML-TYPE', `yaml: unmarshal errors: line 1: ${message}`, 'tunnel.yaml:1'])
  })

  it.each(['config_version: 2', 'config_version: 0'])('version: %s', async (yaml) => {
    expect(await told(yaml)).toEqual([
      ['TC-CONFIG-VERSION', `unsupported config_version ${yaml.slice(-1)}`, 'tunnel.yaml:1'],
    ])
  })

  it('reads scalars as the reference does', async () => {
    const config = await load({
      env: {CONTROL_PLANE_TUNNEL_ID: undefined},
      yaml: [
        `control_plane: {tunnel_id: ${TUNNEL}, organization_id: 0x10, max_inflight_requests: 0b11, url_path: ~}`,
        'log: {http_raw_unsafe: off, file: 2020-01-01}',
        'admin_ui: {allow_remote: No, open_browser: Y, log_buffer_events: 1_000}',
        'health: {listen_addr: 8080, url_file: !!str 5}',
        'mcp: {max_concurrent_requests: 5.0}',
        'process:',
      ].join('\n'),
    })
    expect(config.controlPlane).toMatchObject({tunnelId: TUNNEL, organizationId: '0x10', maxInflight: 3, urlPath: ''})
    expect(config.log).toMatchObject({file: '2020-01-01'})
    expect(config.adminUi).toEqual({allowRemote: false, openBrowser: true, logBufferEvents: 1000})
    expect(config.health).toMatchObject({listenAddr: '8080', urlFile: '5'})
    expect(config.mcp.maxConcurrentRequests).toBe(5)
  })
})

describe('documents', () => {
  it.each([
    ['', 'EOF'],
    ['# only a comment\n', 'EOF'],
    ['log:\n\tlevel: x', 'yaml: line 2: tabs are not allowed as indentation'],
    ['a: b: c', 'yaml: line 1: mapping values are not allowed here; put a value that contains ": " in quotes'],
    ['log:\n  level: "x\n', 'yaml: line 3: a quote, a bracket, a blank or a line break is missing'],
    ['log: @x', 'yaml: line 1: this character cannot start a value; put the value in quotes'],
    ['log: &log\n  <<: *log', 'yaml: a map cannot be merged into itself'],
    ['log: *nobody', 'yaml: line 1: unknown anchor referenced'],
  ])('that cannot be read: %j', async (yaml, message) => {
    const [first] = await told(yaml)
    expect(first?.slice(0, 2)).toEqual(['TC-CONFIG-YAML-SYNTAX', message])
  })

  it.each(['---\n', 'null', '\ufeffconfig_version: 1\r\n', 'config_version: 1\n---\nnope: [\n'])(
    'that can: %j',
    async (yaml) => {
      await expect(load({yaml})).resolves.toBeDefined()
    },
  )

  it('that are no text', async () => {
    const latin1 = Buffer.from('log: {file: "\u00fc"}', 'latin1')
    const {put} = await import('../loading.ts')
    const message = await problemOf({flags: {config: put('latin1.yaml', latin1)}})
    expect(message).toBe('parse config file latin1.yaml: yaml: the file is not UTF-8 text')
  })

  it('with anchors and merge keys', async () => {
    const config = await load({
      yaml: 'mcp:\n  extra_headers: &common {a: one, b: one}\n  discovery_extra_headers:\n    <<: *common\n    b: two\n',
    })
    const text = config.mcp.discoveryExtraHeaders.map(({name, value}) => `${name}: ${value.reveal()}`)
    expect(text.sort()).toEqual(['A: one', 'B: two'])
  })
})
