import {describe, expect, it} from 'vitest'
import {load, NEEDED, problemOf, problemsOf, put, TUNNEL} from '../loading.ts'

describe('the runtime key', () => {
  const key = async (given: Parameters<typeof load>[0]): Promise<string> =>
    (await load(given)).controlPlane.apiKey.reveal()
  put('key', ' from_file\n')
  put('void', ' \n')
  const missing =
    'control plane API key is required; set --control-plane.api-key (env:/file:) or CONTROL_PLANE_API_KEY or OPENAI_API_KEY'

  it('comes from a reference on the command line, before everything else', async () => {
    const env = {MY_KEY: 'from_env', CONTROL_PLANE_API_KEY: 'x'}
    expect(await key({flags: {'control-plane.api-key': 'env:MY_KEY'}, env})).toBe('from_env')
    expect(await key({flags: {'control-plane.api-key': 'file:key'}, env})).toBe('from_file')
    expect(await key({flags: {'control-plane-api-key': 'env:MY_KEY'}, env})).toBe('from_env')
    expect(await key({flags: {'control-plane.api-key': ''}, env})).toBe('x')
  })

  it('is literal in variables; OPENAI_API_KEY counts when nothing else names a key', async () => {
    expect(await key({env: {CONTROL_PLANE_API_KEY: 'one', OPENAI_API_KEY: 'two'}})).toBe('one')
    expect(await key({env: {CONTROL_PLANE_API_KEY: undefined, OPENAI_API_KEY: 'two'}})).toBe('two')
    const yaml = 'control_plane: {api_key: three}'
    expect(await key({env: {CONTROL_PLANE_API_KEY: undefined, OPENAI_API_KEY: 'two'}, yaml})).toBe('three')
    expect(await problemOf({env: {CONTROL_PLANE_API_KEY: '', OPENAI_API_KEY: 'two'}, yaml})).toBe(missing)
    expect(await problemOf({env: {CONTROL_PLANE_API_KEY: 'env:X', X: 'x'}})).toBe('control plane API key is malformed')
  })

  it.each([
    ['three', 'three'],
    ['" ENV: MY_KEY "', 'from_env'],
    ['File:key', 'from_file'],
    ['5', '5'],
  ])('is literal or a reference in YAML: %s', async (text, value) => {
    const env = {CONTROL_PLANE_API_KEY: undefined, MY_KEY: ' from_env '}
    expect(await key({env, yaml: `control_plane: {api_key: ${text}}`})).toBe(value)
  })

  it('tells children which variables to go without', async () => {
    expect((await load({})).secretVariables).toEqual([
      'CONTROL_PLANE_API_KEY',
      'OPENAI_ADMIN_KEY',
      'CONTROL_PLANE_EXTRA_HEADERS',
      'MCP_EXTRA_HEADERS',
      'MCP_DISCOVERY_EXTRA_HEADERS',
    ])
    const env = {CONTROL_PLANE_API_KEY: undefined, OPENAI_API_KEY: 'two', MY_KEY: 'k'}
    expect((await load({env})).secretVariables).toContain('OPENAI_API_KEY')
    expect((await load({env, flags: {'control-plane.api-key': 'env:MY_KEY'}})).secretVariables).toContain('MY_KEY')
    expect((await load({env, yaml: 'control_plane: {api_key: "env:MY_KEY"}'})).secretVariables).toContain('MY_KEY')
    const flags = {'mcp.extra-headers': ['X-A: env:MY_KEY']}
    expect((await load({env, flags})).secretVariables).toContain('MY_KEY')
  })

  it.each([
    [
      'literal',
      'TC-CONFIG-SECRET-LITERAL',
      'invalid control-plane.api-key: value must be prefixed with "env:" or "file:"',
    ],
    [
      'ENV:MY_KEY',
      'TC-CONFIG-SECRET-LITERAL',
      'invalid control-plane.api-key: value must be prefixed with "env:" or "file:"',
    ],
    [
      'env:',
      'TC-CONFIG-SECRET-UNREADABLE',
      'invalid control-plane.api-key: environment variable name is required after env:',
    ],
    ['file:', 'TC-CONFIG-SECRET-UNREADABLE', 'invalid control-plane.api-key: file path is required after file:'],
    [
      'env:NOPE',
      'TC-CONFIG-SECRET-UNREADABLE',
      'environment variable NOPE referenced by --control-plane.api-key is not set',
    ],
    [
      'env:EMPTY',
      'TC-CONFIG-SECRET-UNREADABLE',
      'environment variable EMPTY referenced by --control-plane.api-key is empty',
    ],
    [
      'file:nope',
      'TC-CONFIG-SECRET-UNREADABLE',
      'read control-plane api key file nope: open nope: no such file or directory',
    ],
    ['file:void', 'TC-CONFIG-SECRET-UNREADABLE', 'file void referenced by --control-plane.api-key is empty'],
    ['env:BLANK', 'TC-CONFIG-API-KEY-MALFORMED', 'control plane API key is malformed'],
  ])('is refused as --control-plane.api-key %s', async (flag, code, message) => {
    const problems = await problemsOf({
      flags: {'control-plane.api-key': flag},
      env: {EMPTY: '', BLANK: ' x', MY_KEY: 'k'},
    })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({code, message, origin: 'flag --control-plane.api-key'})
  })

  it.each([
    ['""', 'parse config file tunnel.yaml: control_plane.api_key cannot be empty'],
    [
      'env:NOPE',
      'parse config file tunnel.yaml: invalid control_plane.api_key reference "env:NOPE": environment variable "NOPE" is not set',
    ],
    [
      'env:EMPTY',
      'parse config file tunnel.yaml: invalid control_plane.api_key reference "env:EMPTY": environment variable "EMPTY" is empty',
    ],
    [
      '"env:"',
      'parse config file tunnel.yaml: invalid control_plane.api_key reference "env:": environment variable name is required',
    ],
    [
      '"file:"',
      'parse config file tunnel.yaml: invalid control_plane.api_key reference "file:": file path is required',
    ],
    [
      'file:nope',
      'parse config file tunnel.yaml: invalid control_plane.api_key reference "file:nope": read file: open nope: no such file or directory',
    ],
    ['file:void', 'parse config file tunnel.yaml: invalid control_plane.api_key reference "file:void": file is empty'],
  ])('is refused as YAML api_key: %s', async (text, message) => {
    const env = {CONTROL_PLANE_API_KEY: undefined, EMPTY: ''}
    const [problem, ...others] = await problemsOf({env, yaml: `control_plane:\n  api_key: ${text}\n`})
    expect(problem).toMatchObject({message, origin: 'tunnel.yaml:2', check: 'profile_load'})
    expect(others).toEqual([])
  })

  it.each(['a b', ' ab', 'ab ', 'ab\n', 'schlüssel', 'a.b'])(
    'has no other characters than a key has: %j',
    async (text) => {
      const [problem] = await problemsOf({env: {CONTROL_PLANE_API_KEY: text}})
      expect(problem).toMatchObject({
        message: 'control plane API key is malformed',
        origin: 'env CONTROL_PLANE_API_KEY',
        check: 'control_plane_api_key',
      })
    },
  )

  it('does not ask for a YAML reference that a variable hides', async () => {
    expect(await key({yaml: 'control_plane: {api_key: "env:NOPE"}'})).toBe(NEEDED.CONTROL_PLANE_API_KEY)
  })

  it('follows a reference to a variable that YAML stands in for', async () => {
    const given = {env: {CONTROL_PLANE_API_KEY: undefined}, yaml: 'control_plane: {api_key: three}'}
    expect(await key({...given, flags: {'control-plane.api-key': 'env:CONTROL_PLANE_API_KEY'}})).toBe('three')
  })

  it('is not set when YAML only refers to the variable that it stands in for', async () => {
    const yaml = 'control_plane: {api_key: "env:CONTROL_PLANE_API_KEY"}'
    expect(await problemOf({env: {CONTROL_PLANE_API_KEY: undefined}, yaml})).toContain(
      'invalid control_plane.api_key reference "env:CONTROL_PLANE_API_KEY": environment variable "CONTROL_PLANE_API_KEY" is not set',
    )
  })
})

describe('the tunnel id', () => {
  const required = 'tunnel ID is required; set --control-plane.tunnel-id or CONTROL_PLANE_TUNNEL_ID'
  it.each([
    ['', required],
    ['  ', required],
    ['a/b', 'invalid tunnel ID "a/b": must be safe for use as a URL path parameter'],
    ['a b', 'invalid tunnel ID "a b": must be safe for use as a URL path parameter'],
    ['ü', 'invalid tunnel ID "ü": must be safe for use as a URL path parameter'],
    ['a@b', 'invalid tunnel ID "a@b": must match tunnel_<32 lowercase letters or digits>'],
    ['tunnel_X', 'invalid tunnel ID "tunnel_X": must match tunnel_<32 lowercase letters or digits>'],
  ])('is refused: %j', async (id, message) => {
    const [problem, ...others] = await problemsOf({flags: {'control-plane.tunnel-id': id}})
    expect(problem).toMatchObject({message, origin: 'flag --control-plane.tunnel-id', check: 'tunnel_id'})
    expect(others).toEqual([])
    expect(await problemOf({env: {CONTROL_PLANE_TUNNEL_ID: id}})).toBe(message)
  })

  it('has to be there', async () => {
    expect(await problemOf({env: {CONTROL_PLANE_TUNNEL_ID: undefined}})).toBe(required)
  })

  it('is hidden by a variable that is set to nothing', async () => {
    const yaml = `control_plane: {tunnel_id: ${TUNNEL}}`
    expect(await problemOf({env: {CONTROL_PLANE_TUNNEL_ID: ''}, yaml})).toBe(required)
  })
})

describe('the address', () => {
  it.each([
    ['x', 'must include scheme and host'],
    ['https://', 'must include scheme and host'],
    ['localhost:80', 'must include scheme and host'],
    ['127.0.0.1:80', 'parse "127.0.0.1:80": first path segment in URL cannot contain colon'],
    [':x', 'parse ":x": missing protocol scheme'],
    ['http://h:x', 'parse "http://h:x": invalid port ":x" after host'],
    ['http://::1/', 'parse "http://::1/": invalid port "::1" after host'],
    ['http://h h', 'parse "http://h h": invalid character " " in host name'],
    ['http://[::1', `parse "http://[::1": missing ']' in host`],
    ['http://h/%zz', 'parse "http://h/%zz": invalid URL escape "%zz"'],
    ['http://h\u0001', 'parse "http://h\\x01": net/url: invalid control character in URL'],
    ['ftp://h', 'scheme must be http or https'],
    ['http://h:99999', 'parse "http://h:99999": invalid host or port'],
  ])('is refused: %j', async (url, message) => {
    const [problem, ...others] = await problemsOf({flags: {'control-plane.base-url': url}})
    expect(problem).toMatchObject({
      code: 'TC-CONFIG-BASE-URL',
      message: `invalid control-plane.base-url: ${message}`,
      check: 'control_plane_base_url',
    })
    expect(others).toEqual([])
  })

  it('may be a reference in YAML only', async () => {
    put('url', 'https://file.test\n')
    const href = async (yaml: string): Promise<string> =>
      (await load({yaml, env: {MY_URL: 'https://env.test'}})).controlPlane.baseUrl.href
    expect(await href('control_plane: {base_url: "env:MY_URL"}')).toBe('https://env.test/')
    expect(await href('control_plane: {base_url: "FILE: url"}')).toBe('https://file.test/')
    expect(await problemOf({flags: {'control-plane.base-url': 'env:MY_URL'}})).toMatch(/must include scheme and host$/)
    const nothing = {yaml: 'control_plane: {base_url: ""}'}
    expect(await problemOf(nothing)).toBe('parse config file tunnel.yaml: control_plane.base_url cannot be empty')
  })

  it.each([
    ['x', "must start with '/'"],
    ['http://h/a', 'must be a URL path without scheme, host, query, or fragment'],
    ['//h/a', 'must be a URL path without scheme, host, query, or fragment'],
    ['/a?b', 'must be a URL path without scheme, host, query, or fragment'],
    ['/a#b', 'must be a URL path without scheme, host, query, or fragment'],
    ['/%zz', 'parse "/%zz": invalid URL escape "%zz"'],
  ])('has no such path: %j', async (path, message) => {
    expect(await problemOf({flags: {'control-plane.url-path': path}})).toBe(
      `invalid control-plane.url-path: ${message}`,
    )
  })
})

describe('organization and channels', () => {
  it('keeps line breaks out of the organization header', async () => {
    const flags = {'control-plane.organization-id': 'a\nb'}
    expect(await problemOf({flags})).toBe('control-plane.organization-id cannot contain header line breaks')
  })

  it.each([
    ['', 'control-plane.poll-channel contains an empty channel'],
    ['main,', 'control-plane.poll-channel contains an empty channel'],
    ['Main', 'control-plane.poll-channel "Main" is not canonical; use "main"'],
    ['main, x', 'control-plane.poll-channel " x" is not canonical; use "x"'],
    ['a!', 'invalid control-plane.poll-channel "a!": invalid channel "a!"'],
    ['main,main', 'duplicate control-plane.poll-channel "main"'],
    ['main,x', 'control-plane.poll-channel "x" has no local handler'],
    ['harpoon', 'control-plane.poll-channel harpoon has no routable target'],
  ])('refuses CONTROL_PLANE_POLL_CHANNELS=%j', async (text, message) => {
    expect(await problemOf({env: {CONTROL_PLANE_POLL_CHANNELS: text}})).toBe(message)
  })

  it('refuses lists that are empty', async () => {
    const empty = 'control-plane.poll-channel contains an empty channel'
    expect(await problemOf({yaml: 'control_plane: {poll_channels: []}'})).toBe(empty)
    const none = 'control-plane.poll-channel must contain at least one channel'
    expect(await problemOf({flags: {'control-plane.poll-channel': ['']}})).toBe(none)
  })

  it('lets a process do without main when main is not polled', async () => {
    const env = {MCP_SERVER_URL: undefined, MCP_COMMAND: 'channel=side,command=node'}
    const config = await load({env, flags: {'control-plane.poll-channel': ['side']}})
    expect(config.controlPlane.pollChannels).toEqual(['side'])
    const polled = {env, flags: {'control-plane.poll-channel': ['side', 'main']}}
    expect(await problemOf(polled)).toBe('control-plane.poll-channel main has no local MCP handler')
    const remedy = 'add channel=main to one --mcp.server-url or --mcp.command entry'
    expect(await problemOf({env})).toBe(`main channel is required; ${remedy}`)
  })

  it('dials a socket that the integration variable names', async () => {
    const config = await load({env: {TUNNEL_INTEGRATION_TUNNEL_SERVICE_SOCKET_PATH: '/run/s'}})
    expect(config.controlPlane.unixSocket).toBe('/run/s')
  })
})
