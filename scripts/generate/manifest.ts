// oclif.manifest.json from the sources: what the program knows of its commands before it loads any of them.

import type {Command, Config} from '@oclif/core'
import {loadProgram} from '../../src/toolkit/cli/load-program.ts'

/** Loads every command from the sources; one that cannot be loaded is an error. */
export const loadSources = (root: string): Promise<Config> => loadProgram({root, sources: 'commands', strict: true})

/** The manifest as text. Paths point into `dist/`; empty members are left out, so that a start reads less. */
export function manifestText(config: Config): string {
  const commands = Object.fromEntries(
    config.commands.map((command) => [
      command.id,
      {...slim(command), isESM: true, relativePath: builtPath(command.id)},
    ]),
  )
  return `${JSON.stringify({version: config.version, commands}, null, 2)}\n`
}

const builtPath = (id: string): string[] => {
  const parts = ['dist', 'commands', ...id.split(':')]
  return [...parts.slice(0, -1), `${parts.at(-1)}.js`]
}

/** What oclif adds while it runs, or nobody reads. */
const LEFT_OUT = new Set([
  'load',
  'pluginAlias',
  'pluginName',
  'pluginType',
  'enableJsonFlag',
  'hasDynamicHelp',
  'state',
])

function slim(command: Command.Loadable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(command)
      .filter(([name, value]) => !LEFT_OUT.has(name) && meansSomething(value))
      .map(([name, value]) => [
        name,
        name === 'flags' || name === 'args' ? slimEach(value as Record<string, object>) : value,
      ]),
  )
}

const slimEach = (all: Record<string, object>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(all).map(([name, one]) => [
      name,
      Object.fromEntries(
        Object.entries(one).filter(([key, value]) => key !== 'hasDynamicHelp' && meansSomething(value)),
      ),
    ]),
  )

/** `strict: false` says something, as `default: 0` does; other false, empty or missing members do not. */
function meansSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== undefined && value !== null
}
