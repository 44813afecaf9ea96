// Where managed runtimes keep their state: the reference's folder, its file names and its rules for finding it, so that
// both programs see the same runtimes.

import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import {join, normalize, resolve} from 'node:path'
import {homePath} from '../../foundation/config/index.ts'
import {messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {checkFoldersAbove, checkOwnFolder, makeFolders, workingFolder} from '../../foundation/platform/index.ts'

/** The folder and what lies in it. Every path is absolute. */
export interface StateRoot {
  readonly path: string
  readonly aliasesFile: string
  readonly processesFile: string
  readonly adminProfilesFile: string
  readonly historyFile: string
  readonly healthFolder: string
  readonly logsFolder: string
  /** Lock files, one for the state and one for each alias. */
  readonly locksFolder: string
  /** Made as the reference makes it; nobody uses it. */
  readonly configsFolder: string
}

/** What finding it takes. */
export interface StateRootInput {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where a relative TUNNEL_CLIENT_STATE_DIR begins. Default: the working directory. */
  readonly cwd?: string
}

/**
 * The state root: TUNNEL_CLIENT_STATE_DIR, a legacy folder that exists, XDG_STATE_HOME, the home. Makes nothing. The
 * legacy folders outrank XDG as they do in the reference, or both programs would not see the same runtimes.
 */
export function resolveStateRoot({env, cwd = workingFolder()}: StateRootInput): StateRoot {
  return stateRootAt(resolve(cwd, find(env)))
}

/** The state root at a path. */
export function stateRootAt(path: string): StateRoot {
  return {
    path,
    aliasesFile: join(path, 'aliases.yaml'),
    processesFile: join(path, 'processes.yaml'),
    adminProfilesFile: join(path, 'admin_profiles.yaml'),
    historyFile: join(path, 'history.md'),
    healthFolder: join(path, 'health'),
    logsFolder: join(path, 'logs'),
    locksFolder: join(path, 'locks'),
    configsFolder: join(path, 'configs'),
  }
}

/**
 * Makes the folders (0755) for a command that is about to write, and checks whose they are.
 * @throws TunnelError `TC-STATE-WRITE`, `TC-FILE-UNSAFE`
 */
export async function ensureStateFolders(root: StateRoot): Promise<void> {
  await checkFoldersAbove(root.path)
  await checkStateOwner(root)
  for (const folder of [root.path, root.configsFolder, root.healthFolder, root.logsFolder, root.locksFolder]) {
    await makeFolders(folder, 0o755).catch((thrown) => {
      throw new TunnelError('TC-STATE-WRITE', `create state directory ${folder}: ${messageOf(thrown)}`, {cause: thrown})
    })
    if (folder !== root.path) await checkOwnFolder(folder, {mayBeLink: false})
  }
  await checkStateOwner(root)
}

/**
 * What stands in the state root decides which processes are stopped and which keys are sent where.
 * @throws TunnelError `TC-FILE-UNSAFE` when another user owns it. A link that this user or root made may lead to it.
 */
export async function checkStateOwner({path}: Pick<StateRoot, 'path'>): Promise<void> {
  await checkOwnFolder(path, {mayBeLink: true}).catch((thrown) => {
    throw new TunnelError('TC-FILE-UNSAFE', `state root: ${messageOf(thrown)}`, {
      next: ['Run the command as the owner of that folder, or choose another one with TUNNEL_CLIENT_STATE_DIR'],
      cause: thrown,
    })
  })
}

function find(env: StateRootInput['env']): string {
  const variable = (name: string): string => {
    const value = env[name]?.trim() ?? ''
    return value === '' ? '' : normalize(homePath(value, env))
  }
  const explicit = variable('TUNNEL_CLIENT_STATE_DIR')
  if (explicit !== '') return explicit
  const home = variable('HOME')
  const codexHome = variable('CODEX_HOME')
  const legacy = [
    ...(codexHome === '' ? [] : [join(codexHome, 'tunnel-mcp')]),
    ...(home === '' ? [] : [join(home, '.codex', 'tunnel-mcp'), join(home, '.tunnel-client')]),
  ]
  const found = legacy.find((path) => statSync(path, {throwIfNoEntry: false})?.isDirectory() === true)
  if (found !== undefined) return found
  const xdg = variable('XDG_STATE_HOME')
  if (xdg !== '') return join(xdg, 'tunnel-client')
  const base = home === '' ? systemHome() : home
  if (base === '') return '.tunnel-client'
  return process.platform === 'darwin'
    ? join(base, 'Library', 'Application Support', 'tunnel-client')
    : join(base, '.local', 'state', 'tunnel-client')
}

function systemHome(): string {
  try {
    return homedir()
  } catch {
    return ''
  }
}
