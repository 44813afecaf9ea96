// Where the folders are that shell and plugin have to agree on.

import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {resolveProfileDir} from '../../foundation/config/index.ts'
import {resolveStateRoot} from '../runtimes/index.ts'
import {type PluginProgram, pluginProgram} from './plugin/bundle.ts'

/** What a command knows of its process and of this package. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Folder of package.json. */
  readonly root: string
  readonly version: string
}

/** Program, templates and folders; the folders are absolute. */
export interface Surroundings {
  readonly program: PluginProgram
  /** The package's `templates/codex-plugin`. */
  readonly templates: string
  readonly stateRoot: string
  readonly profileDir: string
}

/** Finds all of it; makes nothing. @throws TunnelError when this package is not whole or there is no profile folder. */
export async function findSurroundings(machine: Machine): Promise<Surroundings> {
  return {
    program: await pluginProgram(machine.root, machine.version),
    templates: join(machine.root, 'templates', 'codex-plugin'),
    stateRoot: resolveStateRoot(machine).path,
    profileDir: profileDirOf(machine),
  }
}

/**
 * Folder that the plugin's tools run commands in, and so the working folder of the runtimes that they start: the home.
 * Codex's cache, where older installs start the server, is removed at an upgrade.
 */
export function toolFolder(env: Machine['env']): string {
  const folders = [env.HOME?.trim() ?? '', homedir()].filter((folder) => isAbsolute(folder))
  return folders.find((folder) => statSync(folder, {throwIfNoEntry: false})?.isDirectory()) ?? '/'
}

/** Folder of the profiles, absolute. @throws TunnelError `TC-CONFIG-SOURCE` */
export function profileDirOf({env, cwd}: Pick<Machine, 'env' | 'cwd'>): string {
  return resolve(cwd, resolveProfileDir({flags: {}, env, home: homedir()}))
}
