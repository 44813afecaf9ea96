// Writes the bundle into a folder of the user's choice, to look at it or to carry it to another machine.

import {join, resolve} from 'node:path'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {BINARY_HINT} from '../codex-home.ts'
import {type PluginProgram, renderBundle, writeBundle} from './bundle.ts'
import {makeFolder} from './folders.ts'
import {pluginVariables, readPassEnv} from './variables.ts'

/** What to export, and where to. */
export interface ExportOptions {
  readonly cwd: string
  /** `--dir` */
  readonly dir: string | undefined
  readonly program: PluginProgram
  readonly templates: string
  readonly stateRoot: string
  readonly profileDir: string
  readonly passEnv: readonly string[]
}

/** What was exported. */
export interface ExportReport {
  readonly dir: string
  readonly plugin_binary_hint: string
  readonly plugin_binary_hint_path: string
  readonly files: readonly string[]
}

/** Overwrites files of the bundle, keeps all others. @throws TunnelError `TC-CLI-USAGE` without a folder, `TC-CODEX-WRITE` */
export async function exportPlugin(options: ExportOptions): Promise<ExportReport> {
  const dir = options.dir?.trim() ?? ''
  if (dir === '') throw new TunnelError('TC-CLI-USAGE', '--dir is required')
  const folder = resolve(options.cwd, dir)
  const variables = await pluginVariables({...options, passEnv: readPassEnv(options.passEnv)})
  const files = await renderBundle({...options, variables})
  await writeBundle({folder, files, prune: false})
  // Codex cannot start the server without its working folder.
  await makeFolder(options.stateRoot)
  return {
    dir: folder,
    plugin_binary_hint: options.program.runJs,
    plugin_binary_hint_path: join(folder, BINARY_HINT),
    files: files.map(({path}) => path).sort(),
  }
}
