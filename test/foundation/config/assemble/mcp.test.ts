import {describe, expect, it} from 'vitest'
import {load, problemOf, problemsOf, put} from '../loading.ts'

const bare = {MCP_SERVER_URL: undefined}
const url = (entry: string): Promise<string> => problemOf({flags: {'mcp.server-url': [entry]}})
const command = (entry: string): Promise<string> => problemOf({env: bare, flags: {'mcp.command': [entry]}})

describe('HTTP entries on the command line', () => {
  it.each([
    [' ', 'mcp config: http-streamable entry is empty'],
    ['url=', 'mcp config: invalid entry "url=" (empty url)'],
    ['url=http://h,=1', 'mcp config: invalid entry "url=http://h,=1" (empty )'],
    ['url=http://h,x', 'mcp config: invalid entry "url=http://h,x" (expected key=value)'],
    ['url=http://h,foo=1', 'mcp config: unsupported key "foo" in entry "url=http://h,foo=1"'],
    ['URL=http://h', 'mcp config: unsupported key "URL" in entry "URL=http://h"'],
    ['command=x', 'mcp config: unsupported key "command" in entry "command=x"'],
    ['channel=a', 'mcp config: server-url entry "channel=a" missing url'],
    ['url=http://h,channel=A!', 'invalid channel "A!"'],
    ['url=http://h,channel=Harpoon', 'mcp config: mcp.server-url channel "harpoon" is reserved'],
    ['url=x', 'invalid mcp.server-url: must include scheme and host'],
    ['foo=http://h', 'invalid mcp.server-url: parse "foo=http://h": first path segment in URL cannot contain colon'],
    ['x', 'invalid mcp.server-url: must include scheme and host'],
    ['ws://h', 'invalid mcp.server-url: scheme must be http or https'],
    ['url=http://h,client-cert=c', 'mcp config: server-url entry "url=http://h,client-cert=c" missing client-key'],
    ['url=http://h,client-key=k', 'mcp config: server-url entry "url=http://h,client-key=k" missing client-cert'],
    [
      'url=http://h,unix-socket=env:NOPE',
      'invalid mcp.server-url unix-socket reference "env:NOPE": environment variable "NOPE" is not set',
    ],
    ['url=http://h,unix-socket=file:', 'invalid mcp.server-url unix-socket reference "file:": file path is required'],
    [
      'url=http://h,http-proxy=http://p:1',
      'http-proxy of mcp.server-url channel "main" is not supported yet: connections of this version are direct',
    ],
  ])('refuses %j', async (entry, message) => {
    const [problem, ...others] = await problemsOf({flags: {'mcp.server-url': [entry]}})
    expect(problem).toMatchObject({message, origin: 'flag --mcp.server-url', check: 'mcp_target'})
    expect(others).toEqual([])
  })

  it('reads sockets as paths, plain or by reference', async () => {
    const entries = [
      'url=http://a,unix-socket=/run/a.sock',
      'channel=b,url=http://b,unix-socket=ENV:SOCKET',
      ' channel=c , url=http://c ,, unix-socket=file:/run/c.sock',
      'channel=d,url=http://d,unix-socket=C:\\pipes\\d',
    ]
    const config = await load({flags: {'mcp.server-url': entries}, env: {SOCKET: ' /run/b.sock '}})
    const sockets = config.mcp.bindings.map((one) => one.kind === 'http' && one.unixSocket)
    expect(sockets).toEqual(['/run/a.sock', '/run/b.sock', '/run/c.sock', 'C:\\pipes\\d'])
  })
})

describe('serial channels', () => {
  const flags = {
    'mcp.command': ['node a.js', 'channel=b,command=node b.js'],
    'mcp.server-url': ['channel=h,url=http://h'],
  }
  const serialOf = async (more: Parameters<typeof load>[0]): Promise<readonly string[]> => {
    const {mcp} = await load({env: bare, ...more})
    return mcp.bindings.flatMap((one) => (one.kind === 'stdio' && one.serial === true ? [one.channel] : []))
  }

  it('are none unless they are named, by flag or variable', async () => {
    expect(await serialOf({flags})).toEqual([])
    expect(await serialOf({flags: {...flags, 'mcp.serial-channel': ['b']}})).toEqual(['b'])
    expect(await serialOf({flags, env: {...bare, MCP_SERIAL_CHANNELS: 'main,b'}})).toEqual(['main', 'b'])
    expect(await serialOf({flags, yaml: 'mcp:\n  serial_channels: [b]\n'})).toEqual(['b'])
  })

  it.each([
    ['h', 'mcp.serial-channel "h" has no mcp.command'],
    ['x', 'mcp.serial-channel "x" has no mcp.command'],
    ['A!', 'invalid mcp.serial-channel "A!": invalid channel "A!"'],
  ])('cannot be %j', async (channel, message) => {
    expect(await problemOf({env: bare, flags: {...flags, 'mcp.serial-channel': [channel]}})).toBe(message)
  })
})

describe('stdio entries on the command line', () => {
  it.each([
    [' ', 'mcp config: stdio entry is empty'],
    ['command=', 'mcp config: command entry "command=" missing command'],
    ['channel=a', 'mcp config: command entry "channel=a" missing command'],
    ['channel=a,cmd=x', 'mcp config: invalid entry "channel=a,cmd=x" (expected command=...)'],
    ['Command=x', 'mcp config: invalid entry "Command=x" (expected channel=... or command=...)'],
    ['url=x', 'mcp config: invalid entry "url=x" (expected channel=... or command=...)'],
    ['command=x,URL=y', 'mcp config: unsupported key "url" in entry "command=x,URL=y"'],
    ['command=x,http-proxy=y', 'mcp config: unsupported key "http-proxy" in entry "command=x,http-proxy=y"'],
    ['command=x,client-key=y', 'mcp config: unsupported key "client-key" in entry "command=x,client-key=y"'],
    ['command=a,channel=b,c', 'invalid channel "b,c"'],
    ['channel=harpoon,command=x', 'mcp config: mcp.command channel "harpoon" is reserved'],
    ['""', 'invalid mcp.command: command is empty'],
    ['x "', 'invalid mcp.command: unterminated quoted string'],
    ['x \\', 'invalid mcp.command: unterminated escape sequence'],
  ])('refuses %j', async (entry, message) => {
    expect(await command(entry)).toBe(message)
  })

  it.each([
    ['node a.js', 'main', 'node a.js', ['node', 'a.js']],
    ['foo=bar baz', 'main', 'foo=bar baz', ['foo=bar', 'baz']],
    ['command=node a,b', 'main', 'node a,b', ['node', 'a,b']],
    ['command=node,channel=', 'main', 'node', ['node']],
    ['command=a,channel=b,channel=Main ', 'main', 'a,channel=b', ['a,channel=b']],
    ['channel= main, command= node x,channel=y', 'main', 'node x,channel=y', ['node', 'x,channel=y']],
  ])('reads %j', async (entry, channel, text, argv) => {
    const config = await load({env: bare, flags: {'mcp.command': [entry]}})
    expect(config.mcp.bindings).toEqual([{kind: 'stdio', channel, command: text, argv}])
  })

  it('shows a command without its credentials and runs it with them', async () => {
    const entry = "x --token a1 --api-key=b2 -H 'Authorization: Bearer c3' DB_PASSWORD=d4 --name e5"
    const config = await load({env: bare, flags: {'mcp.command': [entry]}})
    expect(config.mcp.bindings).toMatchObject([
      {
        argv: [
          'x',
          '--token',
          'a1',
          '--api-key=b2',
          '-H',
          'Authorization: Bearer c3',
          'DB_PASSWORD=d4',
          '--name',
          'e5',
        ],
      },
    ])
    const {command} = config.mcp.bindings[0] as {command: string}
    expect(command).toMatch(/^x --token \[redacted\] --api-key=\[redacted\] -H .* --name e5$/)
    expect(command).not.toMatch(/a1|b2|c3|d4/)
  })
})

describe('entries together', () => {
  it('puts HTTP before stdio, each in its order', async () => {
    const config = await load({
      env: {...bare, MCP_COMMAND: 'channel=a,command=x\nchannel=b,command=y'},
      flags: {'mcp.server-url': ['http://h', 'channel=z,url=http://z']},
    })
    expect(config.mcp.bindings.map(({kind, channel}) => `${kind} ${channel}`)).toEqual([
      'http main',
      'http z',
      'stdio a',
      'stdio b',
    ])
  })

  it('refuses two servers for one channel', async () => {
    const both = {flags: {'mcp.command': ['x']}}
    const text = 'mcp config: duplicate channel "main" from mcp.command (http-streamable already configured)'
    expect(await problemOf(both)).toBe(text)
    const twice = {flags: {'mcp.server-url': ['http://a', 'channel=MAIN,url=http://b']}}
    const other = 'mcp config: duplicate channel "main" from mcp.server-url (http-streamable already configured)'
    expect(await problemOf(twice)).toBe(other)
  })

  it('reports each broken entry, and does not call main missing because of it', async () => {
    const problems = await problemsOf({flags: {'mcp.server-url': ['x', 'channel=b,url=y']}})
    expect(problems.map(({message}) => message)).toEqual([
      'invalid mcp.server-url: must include scheme and host',
      'invalid mcp.server-url: must include scheme and host',
    ])
  })

  it('takes one empty flag for no entry, which hides the variable', async () => {
    expect(await url('')).toMatch(/^main channel is required; set --mcp\.server-url/)
  })
})

describe('entries in YAML', () => {
  const yaml = (text: string): Promise<string> => problemOf({env: bare, yaml: `mcp:\n  ${text}\n`})

  it('keeps their structure: commas, line breaks and equals signs are data', async () => {
    const config = await load({
      yaml: [
        'mcp:',
        '  server_urls:',
        '    - url: http://h/?list=a,b;c,channel=x',
        '    - {channel: Two, url: "env:URL", unix_socket: "", http_proxy: "", client_cert: ~}',
        '  commands:',
        '    - channel: side',
        '      command: |',
        '        node "a,channel=z"',
        '          b',
      ].join('\n'),
      env: {...bare, URL: ' http://two.test '},
    })
    expect(config.mcp.bindings).toMatchObject([
      {channel: 'main', url: new URL('http://h/?list=a,b;c,channel=x')},
      {channel: 'two', url: new URL('http://two.test'), unixSocket: null},
      {channel: 'side', argv: ['node', 'a,channel=z', 'b']},
    ])
  })

  const file = 'parse config file tunnel.yaml: '
  it.each([
    ['server_urls: [{}]', `${file}mcp.server_urls entry requires url`],
    ['server_urls: [{url: " "}]', `${file}mcp.server_urls entry requires url`],
    ['commands: [{channel: a}]', `${file}mcp.commands entry requires command`],
    [
      'commands: [{command: "env:NOPE"}]',
      `${file}invalid mcp.commands.command reference "env:NOPE": environment variable "NOPE" is not set`,
    ],
    [
      'server_urls: [{url: "http://h", unix_socket: "env:NOPE"}]',
      `${file}invalid mcp.server_urls.unix_socket reference "env:NOPE": environment variable "NOPE" is not set`,
    ],
    [
      'server_urls: [{url: "http://h", client_cert: c}]',
      'mcp config: server-url entry "url=http://h,client-cert=c" missing client-key',
    ],
    ['server_urls: [{url: "http://h", channel: "a b"}]', 'invalid channel "a b"'],
    [
      'server_urls: [{url: "http://h", http_proxy: "http://p"}]',
      'http-proxy of mcp.server-url channel "main" is not supported yet: connections of this version are direct',
    ],
  ])('refuses %s', async (text, message) => {
    expect(await yaml(text)).toBe(message)
  })

  it('names the line of the entry', async () => {
    const text = 'mcp:\n  server_urls:\n    - url: http://a\n    - url: http://b\n'
    const [problem] = await problemsOf({env: bare, yaml: text})
    expect(problem?.origin).toBe('tunnel.yaml:4')
  })
})

describe('headers', () => {
  put('value', 'from file\r\n')
  put('lines', 'a\nb\n')
  put('void', '\n')
  const flag = (...values: string[]): {flags: Record<string, string[]>; env: Record<string, string>} => ({
    flags: {'mcp.extra-headers': values},
    env: {MY_TOKEN: ' tok ', BLANK: ' ', BREAK: 'a\nb'},
  })
  const read = async (given: Parameters<typeof load>[0]): Promise<string[]> =>
    (await load(given)).mcp.extraHeaders.map(({name, value}) => `${name}: ${value.reveal()}`)

  it('follows references, prefixes in any case', async () => {
    expect(await read(flag('a: env:MY_TOKEN', 'b: ENV: MY_TOKEN ', 'c: File:value'))).toEqual([
      'A: tok',
      'B: tok',
      'C: from file',
    ])
  })

  it('writes names as Go does, keeps the last of equal names, joins equal values', async () => {
    expect(await read(flag('x-foo-bar: 1', 'x-foo-bar: 2', 'X-FOO-BAR: 2', "x_y'z: 3"))).toEqual([
      'X-Foo-Bar: 2',
      "X_y'z: 3",
    ])
  })

  it.each([
    ['x', "invalid header: expected 'Key: Value'"],
    [': v', 'invalid header: key cannot be empty'],
    ['K:', 'invalid header value for "K": value cannot be empty'],
    ['K: a\rb', 'invalid header value for "K": value cannot contain CR or LF'],
    ['K x: v', 'mcp.extra-headers contains invalid HTTP header name "K x"'],
    ['k: a\u0001b', 'mcp.extra-headers contains invalid HTTP header value for "K"'],
    ['K: env:NOPE', 'invalid mcp.extra-headers.K reference "env:NOPE": environment variable "NOPE" is not set'],
    ['K: env:1x', 'invalid mcp.extra-headers.K reference "env:[redacted]": environment variable name is invalid'],
    ['K: env:BLANK', 'invalid mcp.extra-headers.K reference "env:BLANK": resolved value is empty'],
    ['K: env:BREAK', 'invalid mcp.extra-headers.K reference "env:BREAK": resolved value cannot contain CR or LF'],
    ['K: file:', 'invalid mcp.extra-headers.K reference "file:": file path is required'],
    ['K: file:nope', 'read mcp.extra-headers.K header value file nope: open nope: no such file or directory'],
    ['K: file:void', 'invalid mcp.extra-headers.K reference "file:void": resolved value is empty'],
    ['K: file:lines', 'invalid mcp.extra-headers.K reference "file:lines": resolved value cannot contain CR or LF'],
  ])('refuses %j', async (entry, message) => {
    expect(await problemOf(flag(entry))).toBe(message)
  })

  it('refuses two values for one name', async () => {
    const text = 'mcp.extra-headers contains conflicting values for case-insensitive HTTP header "A"'
    expect(await problemOf(flag('a: 1', 'A: 2'))).toBe(text)
    const yaml = 'mcp: {extra_headers: {a: 1, A: 2}}'
    const inFile =
      'parse config file tunnel.yaml: mcp.extra_headers contains conflicting values for case-insensitive HTTP header "A"'
    expect(await problemOf({yaml})).toBe(inFile)
  })

  it.each([
    ['a: 1, b: 2;c: 3,;', ['A: 1', 'B: 2', 'C: 3']],
    ['a: 1,\nb: 2', ['A: 1', 'B: 2']],
    ['a: 1, 2; 3\n\nb: x;y\r\n', ['A: 1, 2; 3', 'B: x;y']],
    ['{"a": "1, 2", "b": "env:MY_TOKEN"}', ['A: 1, 2', 'B: tok']],
    [' {} ', []],
  ])('reads the variable %j', async (text, expected) => {
    expect(await read({env: {MCP_EXTRA_HEADERS: text, MY_TOKEN: 'tok'}})).toEqual(expected)
  })

  it.each(['{', '{"a": 1}', '{"a": ["b"]}'])('refuses the variable %j', async (text) => {
    const message = 'invalid MCP_EXTRA_HEADERS: not a JSON object of strings'
    expect(await problemOf({env: {MCP_EXTRA_HEADERS: text}})).toBe(message)
  })

  it('drops the YAML map, broken references included, when the variable is set', async () => {
    const yaml = 'mcp:\n  extra_headers: {a: "env:NOPE", "b c": x}\n'
    expect(await read({env: {MCP_EXTRA_HEADERS: ''}, yaml})).toEqual([])
    const problems = await problemsOf({yaml})
    expect(problems.map(({message, origin}) => [message, origin])).toEqual([
      ['parse config file tunnel.yaml: mcp.extra_headers contains invalid HTTP header name "b c"', 'tunnel.yaml:2'],
      ['invalid mcp.extra-headers.A reference "env:NOPE": environment variable "NOPE" is not set', 'tunnel.yaml:2'],
    ])
  })

  it.each([
    'Authorization',
    'accept',
    'USER-AGENT',
    'x-tunnel-client-name',
    'X-Tunnel-Client-Version',
    'x-tunnel-mcp-server-info',
  ])('keeps %s of the control plane', async (name) => {
    const message = await problemOf({flags: {'control-plane.extra-headers': [`${name}: x`]}})
    expect(message).toMatch(
      /^control-plane\.extra-headers ".*" cannot override control-plane authentication or client metadata headers$/,
    )
  })

  it('leaves X-Tunnel-Client-Instance-Id and all names of MCP servers alone', async () => {
    const flags = {'control-plane.extra-headers': ['X-Tunnel-Client-Instance-Id: x']}
    expect((await load({flags})).controlPlane.extraHeaders).toHaveLength(1)
    expect(await read(flag('Authorization: Bearer x'))).toEqual(['Authorization: Bearer x'])
  })
})
