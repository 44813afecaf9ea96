// Paths as shells hand them over, unix sockets that are too long, and files in the encodings of other systems.

import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {CONFIG_ROWS, type TunnelConfig} from '../../../../src/foundation/config/index.ts'
import {folder, load, problemsOf, put} from '../loading.ts'

const HOME = {HOME: folder}
const LIMIT = process.platform === 'linux' ? 107 : 103

/** Where the value of each plain path ends up; a path row without a line here has no test of its own. */
const PLAIN: Readonly<Record<string, (config: TunnelConfig) => string | null>> = {
  'log.file': ({log}) => log.file,
  'health.unix_socket': ({health}) => health.unixSocket,
  'health.url_file': ({health}) => health.urlFile,
  'process.pid_file': (config) => config.process.pidFile,
}
/** Paths of files that are read: the error of one that is missing names the path. */
const READ = ['control_plane.client_cert', 'control_plane.client_key', 'mcp.client_cert', 'mcp.client_key', 'ca_bundle']
const SELECTORS = ['config', 'profile_file', 'profile_dir']

describe('a path that begins with ~/', () => {
  it('has a test for every row of a path', () => {
    const rows = CONFIG_ROWS.filter(({kind}) => kind === 'path').map(({key}) => key)
    expect(rows.toSorted()).toEqual([...Object.keys(PLAIN), ...READ, ...SELECTORS].toSorted())
  })

  it.each(Object.entries(PLAIN))('of %s is expanded in flag, variable and file', async (key, read) => {
    const row = CONFIG_ROWS.find((candidate) => candidate.key === key)!
    const [section, name] = key.split('.')
    for (const given of [
      {flags: {[row.flag]: '~/x'}, env: HOME},
      {env: {...HOME, [row.env[0]!]: '~/x'}},
      {yaml: `${section}:\n  ${name}: ~/x\n`, env: HOME},
    ]) {
      expect(read(await load(given))).toBe(join(folder, 'x'))
    }
    expect(await problemsOf({flags: {[row.flag]: '~other/x'}, env: HOME})).toMatchObject([
      {
        message: `invalid ${row.flag}: cannot expand "~other/x": only ~ and ~/ are understood`,
        next: ['Write the absolute path, or ./ in front of a name that begins with ~'],
      },
    ])
  })

  it.each(READ)('of %s is expanded before the file is read', async (key) => {
    const row = CONFIG_ROWS.find((candidate) => candidate.key === key)!
    const other = row.flag.endsWith('-cert') ? row.flag.replace(/cert$/, 'key') : row.flag.replace(/key$/, 'cert')
    const told = await problemsOf({flags: {[row.flag]: '~/no', [other]: '~/no'}, env: HOME})
    expect(told.map(({message}) => message).join()).toContain(`open ${join(folder, 'no')}: no such file`)
  })

  it('is expanded behind file:, in entries, and where the file is chosen', async () => {
    put('secret', 'key_of_tests\n')
    const chosen = put('chosen.yaml', 'control_plane: {api_key: "file:~/secret"}\n')
    for (const flags of [
      {config: `~/${chosen}`},
      {'profile-file': `~/${chosen}`},
      {profile: 'chosen', 'profile-dir': '~'},
    ]) {
      const {controlPlane} = await load({flags, env: {...HOME, CONTROL_PLANE_API_KEY: undefined}})
      expect(controlPlane.apiKey.reveal()).toBe('key_of_tests')
    }
    const flags = {'mcp.server-url': ['url=http://mcp/mcp,unix-socket=~/mcp.sock']}
    const {mcp} = await load({flags, env: {...HOME, MCP_SERVER_URL: undefined}})
    expect(mcp.bindings).toMatchObject([{unixSocket: join(folder, 'mcp.sock')}])
  })
})

describe('a unix socket path above the limit of the system', () => {
  const long = `/${'s'.repeat(LIMIT)}`
  const says = `it has ${LIMIT + 1} bytes; a unix socket path has at most ${LIMIT} on this system`

  it('is refused for the health listener and for an MCP server, and one at the limit is not', async () => {
    expect(await problemsOf({flags: {'health.unix-socket': long}})).toMatchObject([
      {message: `invalid health.unix-socket "${long}": ${says}`, origin: 'flag --health.unix-socket'},
    ])
    const yaml = `mcp:\n  server_urls:\n    - {url: http://mcp/mcp, unix_socket: ${long}}\n`
    expect(await problemsOf({yaml, env: {MCP_SERVER_URL: undefined}})).toMatchObject([
      {message: `invalid mcp.server-url unix-socket "${long}": ${says}`},
    ])
    const {health} = await load({flags: {'health.unix-socket': long.slice(0, LIMIT)}})
    expect(health.unixSocket).toHaveLength(LIMIT)
  })
})

describe('files of other systems', () => {
  const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
  const ENCODINGS = [
    ['UTF-8 with a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16 little endian', (text: string) => utf16(`\ufeff${text}`)],
    ['UTF-16 big endian', (text: string) => utf16(`\ufeff${text}`).swap16()],
  ] as const

  it.each(ENCODINGS)('%s is read as a configuration, a key and a header', async (_, encode) => {
    writeFileSync(join(folder, 'key'), encode('key_of_tests\r\n'))
    writeFileSync(join(folder, 'header'), encode('Grüße\r\n'))
    const text =
      'control_plane:\r\n  api_key: file:key\r\nmcp:\r\n  extra_headers:\r\n    X-Greeting: file:header\r\nlog:\r\n  file: Öl.log\r\n'
    writeFileSync(join(folder, 'windows.yaml'), encode(text))
    const config = await load({flags: {config: 'windows.yaml'}, env: {CONTROL_PLANE_API_KEY: undefined}})
    expect(config.controlPlane.apiKey.reveal()).toBe('key_of_tests')
    expect(config.mcp.extraHeaders[0]?.value.reveal()).toBe('Grüße')
    expect(config.log.file).toBe('Öl.log')
  })

  it('UTF-16 without a byte order mark is named as such', async () => {
    put('bare.yaml', utf16('log: {level: info}\n'))
    expect(await problemsOf({flags: {config: 'bare.yaml'}})).toMatchObject([
      {
        message:
          'parse config file bare.yaml: yaml: the file is UTF-16 text without a byte order mark; save it as UTF-8',
      },
    ])
    put('bare.key', utf16('key_of_tests'))
    expect(await problemsOf({flags: {'control-plane.api-key': 'file:bare.key'}})).toMatchObject([
      {
        message:
          'read control-plane api key file bare.key: the file is UTF-16 text without a byte order mark; save it as UTF-8',
      },
    ])
  })
})
