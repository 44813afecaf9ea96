// oclif's Config of this package: from the committed manifest when built, from the sources themselves in development.

import {join} from 'node:path'
import {Config, Plugin, settings} from '@oclif/core'
import type {ProgramHelp} from './help/help-shape.ts'

/** Where the program lies. */
export interface ProgramPlace {
  /** Folder of package.json. */
  readonly root: string
  /** Command folder to read instead of the manifest, for example `commands`. */
  readonly sources?: string
  /** Refuse to go on when a source command cannot be loaded, instead of warning. */
  readonly strict?: boolean
}

/** oclif would look for plugins of the user in the data folder, and run what it finds. */
const NO_PLUGINS = {userPlugins: false, devPlugins: false} as const

/** Loads oclif's Config. No plugin, hook or transpiler is ever loaded. */
export async function loadProgram({root, sources, strict = false}: ProgramPlace): Promise<Config> {
  settings.enableAutoTranspile = false
  if (sources === undefined) return await Config.load({root, ...NO_PLUGINS})
  const plugin = new Plugin({root, isRoot: true, ignoreManifest: true, errorOnManifestCreate: strict})
  const pjson = (await readPackage(root)) as Record<string, unknown> & {oclif: Record<string, unknown>}
  const own = {...pjson, oclif: {...pjson.oclif, commands: {strategy: 'pattern', target: join(root, sources)}}}
  plugin.options.pjson = own as never
  await plugin.load()
  return await Config.load({root, ...NO_PLUGINS, plugins: new Map([[plugin.name, plugin]])})
}

async function readPackage(root: string): Promise<unknown> {
  const {readFile} = await import('node:fs/promises')
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
}

/** What the normaliser and help need of a loaded Config. */
export function programHelp(config: Config): ProgramHelp {
  return {
    bin: config.bin,
    version: config.version,
    description: config.pjson.description ?? '',
    commands: config.commands as unknown as ProgramHelp['commands'],
    topics: Object.fromEntries(config.topics.map((topic) => [topic.name, topic])) as ProgramHelp['topics'],
  }
}
