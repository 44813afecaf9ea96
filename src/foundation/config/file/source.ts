// Which file is loaded: --config, --profile, --profile-file, their variables, and the folder of the profiles.

import {platform} from 'node:os'
import {basename, join, normalize} from 'node:path'
import {goQuote, TunnelError} from '../../errors/index.ts'
import type {LoadInput} from '../load.ts'
import type {ConfigSource} from '../types.ts'
import {trimSpace} from '../values/go-text.ts'
import {expandHome} from '../values/home-path.ts'

/** What choosing a file needs. */
export type SourceInput = Pick<LoadInput, 'flags' | 'env' | 'home'>

const SELECTORS = [
  {flag: 'config', env: 'TUNNEL_CLIENT_CONFIG'},
  {flag: 'profile', env: 'TUNNEL_CLIENT_PROFILE'},
  {flag: 'profile-file', env: 'TUNNEL_CLIENT_PROFILE_FILE'},
] as const
const BLANK = [
  ['profile-dir', 'profile directory is required when --profile-dir is set'],
  ['config', 'config file path is required when --config is set'],
  ['profile', 'profile name is required when --profile is set'],
  ['profile-file', 'profile file path is required when --profile-file is set'],
] as const

const refuse = (message: string, origin?: string): never => {
  throw new TunnelError('TC-CONFIG-SOURCE', message, origin === undefined ? {} : {origin})
}

/**
 * The file that flags or, if no flag selects one, variables select.
 * @throws TunnelError `TC-CONFIG-SOURCE` for blank, contradicting or malformed selectors.
 */
export function resolveConfigSource(input: SourceInput): ConfigSource {
  const flag = (name: string): string | undefined => {
    const value = input.flags[name]
    return typeof value === 'string' ? value : undefined
  }
  for (const [name, message] of BLANK) {
    const value = flag(name)
    if (value !== undefined && trimSpace(value) === '') refuse(message, `flag --${name}`)
  }
  const byFlag = SELECTORS.flatMap(({flag: name}) => {
    const value = flag(name)
    return value === undefined ? [] : [{kind: name, shown: `--${name}`, value: trimSpace(value)}]
  })
  const byEnv = SELECTORS.flatMap(({flag: name, env}) => {
    const value = trimSpace(input.env[env] ?? '')
    return value === '' ? [] : [{kind: name, shown: env, value}]
  })
  const chosen = byFlag.length > 0 ? byFlag : byEnv
  const [first, second] = chosen
  if (first === undefined) return {kind: 'none'}
  if (second !== undefined) return refuse(`${first.shown} and ${second.shown} are mutually exclusive`)
  const origin = byFlag.length > 0 ? `flag ${first.shown}` : `env ${first.shown}`
  if (first.kind === 'config') return {kind: 'config', path: homePath(first.value, input)}
  if (first.kind === 'profile-file') return profileFile(first.value, input, origin)
  const dir = resolveProfileDir(input)
  const name = checkedName(first.value, origin)
  return {kind: 'profile', name, path: join(dir, `${name}.yaml`), dir}
}

/**
 * The folder of the named profiles: --profile-dir, TUNNEL_CLIENT_PROFILE_DIR, XDG, ~/.config, the system's folder.
 * @throws TunnelError `TC-CONFIG-SOURCE` when `~` cannot be expanded or there is no home.
 */
export function resolveProfileDir(input: SourceInput): string {
  const explicit = input.flags['profile-dir']
  const asked = trimSpace(typeof explicit === 'string' ? explicit : '') || variable(input, 'TUNNEL_CLIENT_PROFILE_DIR')
  if (asked !== '') return normalize(homePath(asked, input))
  const xdg = variable(input, 'XDG_CONFIG_HOME')
  if (xdg !== '') return join(normalize(homePath(xdg, input)), 'tunnel-client')
  const home = variable(input, 'HOME')
  if (home !== '') return join(normalize(home), '.config', 'tunnel-client')
  return join(systemConfigDir(input), 'tunnel-client')
}

/** The name of a profile, trimmed. @throws TunnelError `TC-CONFIG-SOURCE` when it cannot name a file. */
export function validateProfileName(name: string): string {
  return checkedName(trimSpace(name))
}

function checkedName(name: string, origin?: string): string {
  if (name === '') refuse('profile name is required', origin)
  if (name === '.' || name === '..' || /[/\\]/.test(name)) {
    refuse(`invalid profile name ${goQuote(name)}: path separators are not allowed`, origin)
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) {
    refuse(`invalid profile name ${goQuote(name)}: use letters, numbers, '.', '_' or '-'`, origin)
  }
  return name
}

function profileFile(given: string, input: SourceInput, origin: string): ConfigSource {
  const path = normalize(homePath(given, input))
  if (!path.endsWith('.yaml')) refuse(`profile file ${goQuote(path)} must end with .yaml`, origin)
  const name = checkedName(basename(path).slice(0, -'.yaml'.length), origin)
  return {kind: 'profile-file', name, path}
}

const variable = (input: SourceInput, name: string): string => trimSpace(input.env[name] ?? '')

function homePath(path: string, input: SourceInput): string {
  const read = expandHome(path, variable(input, 'HOME') || (input.home ?? ''))
  return read.ok ? read.value : refuse(read.problem)
}

function systemConfigDir(input: SourceInput): string {
  const system = platform()
  if (system === 'win32') {
    const roaming = variable(input, 'AppData') || variable(input, 'APPDATA')
    if (roaming !== '') return roaming
    return refuse('resolve default profile directory: %AppData% is not defined')
  }
  const home = input.home ?? ''
  if (home === '') return refuse('resolve default profile directory: neither $XDG_CONFIG_HOME nor $HOME are defined')
  return system === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.config')
}
