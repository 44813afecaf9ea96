// Which help pages there are and what each says, as blocks. The build renders them all to text, so that `--help` need not
// load the program; a narrow terminal gets the same pages drawn for its width.

import type {Block} from '../../../foundation/platform/index.ts'
import {commandPage} from './command-page.ts'
import {groupPage} from './group-page.ts'
import type {ProgramHelp} from './help-shape.ts'
import {rootPage} from './root-page.ts'
import {runPage} from './run-page.ts'

/** Ids of all pages: the root (empty), groups, commands and their aliases. */
export function helpIds({commands}: ProgramHelp): string[] {
  const ids = new Set([''])
  for (const command of commands) {
    for (const id of [command.id, ...(command.aliases ?? [])]) {
      const parts = id.split(':')
      for (let length = 1; length <= parts.length; length += 1) ids.add(parts.slice(0, length).join(':'))
    }
  }
  return [...ids].sort()
}

/** The page of a command, a group or (empty id) the root, for a width in characters. Unknown ids get the root. */
export function helpPage(id: string, program: ProgramHelp, columns = 80): Block[] {
  const command = program.commands.find((one) => one.id === id || one.aliases?.includes(id))
  if (command?.id === 'run') return runPage(command, program, columns)
  if (command) return commandPage(command, program, columns)
  return id === '' || !helpIds(program).includes(id) ? rootPage(program, columns) : groupPage(id, program, columns)
}

/** File name of a rendered page below `dist/help`. */
export const helpFile = (id: string): string => `${id === '' ? 'tunnel-client' : id.replaceAll(':', '.')}.txt`
