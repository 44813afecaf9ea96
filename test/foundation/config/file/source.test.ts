import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {resolveConfigSource, resolveProfileDir, validateProfileName} from '../../../../src/foundation/config/index.ts'
import {folder, load, problemsOf, put} from '../loading.ts'

const source = (flags: Record<string, string>, env: Record<string, string> = {}, home?: string): unknown =>
  resolveConfigSource({flags, env, ...(home === undefined ? {} : {home})})

describe('choosing a file', () => {
  it('takes flags before variables, and no file when nothing is said', () => {
    expect(source({})).toEqual({kind: 'none'})
    expect(source({}, {TUNNEL_CLIENT_CONFIG: ' ', TUNNEL_CLIENT_PROFILE: ''})).toEqual({kind: 'none'})
    const tilde = {TUNNEL_CLIENT_CONFIG: ' ~/x.yaml ', HOME: '/home/ada'}
    expect(source({}, tilde)).toEqual({kind: 'config', path: join('/home/ada', 'x.yaml')})
    const env = {TUNNEL_CLIENT_CONFIG: 'a', TUNNEL_CLIENT_PROFILE: 'b'}
    expect(source({config: ' C:\\x y.yaml '}, env)).toEqual({kind: 'config', path: 'C:\\x y.yaml'})
  })

  it('finds profiles by name in their folder', () => {
    const at = (dir: string): unknown => ({kind: 'profile', name: 'one', path: join(dir, 'one.yaml'), dir})
    const env = {XDG_CONFIG_HOME: '/xdg/', HOME: '/home/me'}
    expect(source({profile: ' one '}, env)).toEqual(at(join('/xdg', 'tunnel-client')))
    expect(source({profile: 'one'}, {HOME: '/home/me'})).toEqual(at(join('/home/me', '.config', 'tunnel-client')))
    expect(source({profile: 'one'}, {...env, TUNNEL_CLIENT_PROFILE_DIR: '~/p/../q'})).toEqual(at(join('/home/me', 'q')))
    expect(source({'profile-dir': '~'}, {...env, TUNNEL_CLIENT_PROFILE: 'one'})).toEqual(at('/home/me'))
    if (process.platform === 'linux') {
      expect(source({profile: 'one'}, {}, '/home/other')).toEqual(at('/home/other/.config/tunnel-client'))
    }
    expect(resolveProfileDir({flags: {'profile-dir': ' '}, env})).toBe(join('/xdg', 'tunnel-client'))
  })

  it('takes profile files by path', () => {
    const path = join('/home/me', 'p', 'one.yaml')
    expect(source({'profile-file': '~/p/./one.yaml'}, {HOME: '/home/me'})).toEqual({
      kind: 'profile-file',
      name: 'one',
      path,
    })
    expect(source({}, {TUNNEL_CLIENT_PROFILE_FILE: '/a.b_c-1.yaml'})).toMatchObject({name: 'a.b_c-1'})
  })

  it.each([
    [{config: ''}, {}, 'config file path is required when --config is set'],
    [{profile: ' '}, {}, 'profile name is required when --profile is set'],
    [{'profile-file': ''}, {}, 'profile file path is required when --profile-file is set'],
    [{'profile-dir': ''}, {}, 'profile directory is required when --profile-dir is set'],
    [{config: 'a', profile: 'b'}, {}, '--config and --profile are mutually exclusive'],
    [{config: 'a', 'profile-file': 'b'}, {}, '--config and --profile-file are mutually exclusive'],
    [{profile: 'a', 'profile-file': 'b'}, {}, '--profile and --profile-file are mutually exclusive'],
    [
      {},
      {TUNNEL_CLIENT_CONFIG: 'a', TUNNEL_CLIENT_PROFILE: 'b'},
      'TUNNEL_CLIENT_CONFIG and TUNNEL_CLIENT_PROFILE are mutually exclusive',
    ],
    [
      {},
      {TUNNEL_CLIENT_CONFIG: 'a', TUNNEL_CLIENT_PROFILE_FILE: 'b'},
      'TUNNEL_CLIENT_CONFIG and TUNNEL_CLIENT_PROFILE_FILE are mutually exclusive',
    ],
    [
      {},
      {TUNNEL_CLIENT_PROFILE: 'a', TUNNEL_CLIENT_PROFILE_FILE: 'b'},
      'TUNNEL_CLIENT_PROFILE and TUNNEL_CLIENT_PROFILE_FILE are mutually exclusive',
    ],
    [{profile: '../x'}, {HOME: '/h'}, 'invalid profile name "../x": path separators are not allowed'],
    [{profile: '..'}, {HOME: '/h'}, 'invalid profile name "..": path separators are not allowed'],
    [{profile: 'a\\b'}, {HOME: '/h'}, 'invalid profile name "a\\\\b": path separators are not allowed'],
    [{profile: '-x'}, {HOME: '/h'}, `invalid profile name "-x": use letters, numbers, '.', '_' or '-'`],
    [{'profile-file': 'x.yml'}, {}, 'profile file "x.yml" must end with .yaml'],
    [{'profile-file': 'a b.yaml'}, {}, `invalid profile name "a b": use letters, numbers, '.', '_' or '-'`],
    [{'profile-file': '/p/.yaml'}, {}, 'profile name is required'],
    [{'profile-file': '~/x.yaml'}, {}, 'cannot expand "~/x.yaml" without HOME'],
  ])('refuses flags %j with variables %j', async (flags, env, message) => {
    expect(() => source(flags as Record<string, string>, env as Record<string, string>)).toThrow(
      expect.objectContaining({code: 'TC-CONFIG-SOURCE', message}),
    )
    const [problem] = await problemsOf({flags, env})
    expect(problem).toMatchObject({message, check: 'config_source'})
  })

  it('knows which names can be files', () => {
    expect(validateProfileName(' a.B_c-9 ')).toBe('a.B_c-9')
    expect(() => validateProfileName('')).toThrow('profile name is required')
    expect(() => validateProfileName('a'.repeat(129))).toThrow(/use letters/)
  })
})

describe('loading the chosen file', () => {
  it('reads relative to the working directory and tells where it came from', async () => {
    mkdirSync(join(folder, 'profiles'))
    put(join('profiles', 'one.yaml'), 'log: {file: from-profile}')
    const flags = {profile: 'one', 'profile-dir': 'profiles'}
    const config = await load({flags})
    expect(config.log.file).toBe('from-profile')
    const path = join('profiles', 'one.yaml')
    expect(config.source).toEqual({kind: 'profile', name: 'one', path, dir: 'profiles'})
    expect(config.origin('log.file')).toEqual({layer: 'file', path, line: 1})
  })

  it('calls nothing missing when the file cannot be read', async () => {
    const env = {CONTROL_PLANE_TUNNEL_ID: undefined, CONTROL_PLANE_API_KEY: undefined, MCP_SERVER_URL: undefined}
    const problems = await problemsOf({flags: {config: 'nope.yaml'}, env})
    expect(problems).toMatchObject([
      {
        code: 'TC-CONFIG-FILE-UNREADABLE',
        message: 'read config file nope.yaml: open nope.yaml: no such file or directory',
        check: 'profile_load',
      },
    ])
  })
})
