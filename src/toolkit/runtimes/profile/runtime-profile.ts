// The profile that a runtime runs with: JSON, which is YAML, in the folder of all profiles. It is ours when its health URL
// file is that of the alias; what people added to it stays, and a file of anybody else is never touched.

import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {resolveProfileDir, validateProfileName} from '../../../foundation/config/index.ts'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {goJson, writeFileAtomic} from '../../../foundation/platform/index.ts'
import {isObject, type JsonObject} from '../state/state-file.ts'
import type {StateRoot} from '../state-root.ts'
import type {RuntimeTarget} from './target.ts'

/** Where a profile lies. */
export interface ProfilePlace {
  readonly name: string
  /** Absolute, so that it holds from everywhere. */
  readonly dir: string
  readonly path: string
}

/** What the profile says. */
export interface RuntimeProfile {
  readonly alias: string
  readonly tunnelId: string
  readonly baseUrl: string
  /** Empty: none. */
  readonly urlPath: string
  /** Reference to the runtime key. */
  readonly apiKey: string
  readonly target: RuntimeTarget
}

/** Settings that the profile fixes: variables of the same meaning would override them. */
export const PROFILE_KEYS: readonly string[] = [
  'control_plane.base_url',
  'control_plane.url_path',
  'control_plane.tunnel_id',
  'control_plane.api_key',
  'health.listen_addr',
  'health.unix_socket',
  'health.url_file',
  'admin_ui.open_browser',
  'log.level',
  'log.format',
  'log.file',
  'mcp.server_urls',
  'mcp.commands',
  'process.pid_file',
]

/** Resolves name and folder. @throws TunnelError `TC-CONFIG-SOURCE` */
export function profilePlace(options: {
  readonly alias: string
  readonly name?: string | undefined
  readonly dir?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}): ProfilePlace {
  const {alias, dir, env, cwd} = options
  const name = validateProfileName(options.name?.trim() || alias)
  const found = resolveProfileDir({flags: dir === undefined ? {} : {'profile-dir': dir}, env})
  const absolute = resolve(cwd, found)
  return {name, dir: absolute, path: join(absolute, `${name}.yaml`)}
}

/** The health URL file of an alias: the daemon writes it, and it marks a profile as ours. */
export const healthUrlFileOf = (alias: string, root: StateRoot): string => join(root.healthFolder, `${alias}.url`)

/** The log of an alias; raw output of its process lies beside it in `<alias>.stderr.log`. */
export const logFileOf = (alias: string, root: StateRoot): string => join(root.logsFolder, `${alias}.log`)

/** What lies at a profile's path. */
export type FoundProfile =
  | {readonly state: 'absent'}
  | {readonly state: 'ours'; readonly content: JsonObject}
  | {readonly state: 'foreign'}

/** Looks at a profile file. @throws TunnelError `TC-STATE-FILE` when it cannot be read. */
export async function findProfile(
  path: string,
  {alias, root}: {alias: string; root: StateRoot},
): Promise<FoundProfile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return {state: 'absent'}
    throw new TunnelError('TC-STATE-FILE', `read profile ${path}: ${messageOf(thrown)}`, {cause: thrown})
  }
  const content = parsed(text)
  const health = content?.health
  const ours = isObject(health) && health.url_file === healthUrlFileOf(alias, root)
  return content !== null && ours ? {state: 'ours', content} : {state: 'foreign'}
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** The profile as an object; members of `before` that it does not speak of stay. */
export function renderRuntimeProfile(profile: RuntimeProfile, root: StateRoot, before: JsonObject = {}): JsonObject {
  const {alias, tunnelId, baseUrl, urlPath, apiKey, target} = profile
  const section = (name: string): Record<string, unknown> => {
    const value = before[name]
    return isObject(value) ? {...value} : {}
  }
  const {url_path: _, ...controlPlane} = section('control_plane')
  const {server_urls: _urls, commands: _commands, ...mcp} = section('mcp')
  return {
    ...before,
    admin_ui: {...section('admin_ui'), open_browser: false},
    config_version: 1,
    control_plane: {
      ...controlPlane,
      api_key: apiKey,
      base_url: baseUrl,
      tunnel_id: tunnelId,
      ...(urlPath === '' ? {} : {url_path: urlPath}),
    },
    health: {...section('health'), listen_addr: '127.0.0.1:0', url_file: healthUrlFileOf(alias, root)},
    log: {level: 'info', ...section('log'), file: logFileOf(alias, root), format: 'json'},
    mcp: {
      ...mcp,
      ...(target.kind === 'server_url'
        ? {server_urls: [{channel: 'main', url: target.value}]}
        : {commands: [{channel: 'main', command: target.value}]}),
    },
  }
}

/** Which settings of two profiles differ, in the words of people. */
export function profileDrift(before: JsonObject, after: JsonObject): string[] {
  const parts = [
    ['tunnel', 'control_plane', 'tunnel_id'],
    ['service address', 'control_plane', 'base_url'],
    ['service path', 'control_plane', 'url_path'],
    ['runtime key reference', 'control_plane', 'api_key'],
    ['MCP server', 'mcp', 'server_urls'],
    ['MCP command', 'mcp', 'commands'],
  ] as const
  const at = (profile: JsonObject, section: string, key: string): string => {
    const value = profile[section]
    return JSON.stringify(isObject(value) ? (value[key] ?? null) : null)
  }
  return parts.filter(([, section, key]) => at(before, section, key) !== at(after, section, key)).map(([what]) => what)
}

/** Writes it whole, 0600; missing folders are made 0755. @throws TunnelError `TC-STATE-WRITE` */
export async function writeRuntimeProfile(path: string, content: JsonObject): Promise<void> {
  await writeFileAtomic({path, data: goJson(content), mode: 0o600, parentMode: 0o755}).catch((thrown) => {
    throw new TunnelError('TC-STATE-WRITE', `write profile ${path}: ${messageOf(thrown)}`, {
      next: ['Choose a folder that this user may write to with --profile-dir'],
      cause: thrown,
    })
  })
}
