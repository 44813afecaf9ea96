// Help of a group of commands.

import {type Block, paragraph} from '../../../foundation/platform/index.ts'
import {spoken} from '../argv/command-shape.ts'
import {section} from './command-page.ts'
import {columnsOf} from './flag-lines.ts'
import type {ProgramHelp} from './help-shape.ts'

/** What the group is for and the commands directly in it. */
export function groupPage(id: string, program: ProgramHelp, columns = 80): Block[] {
  const {bin, topics} = program
  return [
    paragraph(topics[id]?.description ?? `Commands of ${spoken(bin, id)}`),
    ...section('Usage:', [`  ${spoken(bin, id)} <command>`]),
    ...section('Commands:', childLines(id, program, columns)),
    paragraph(`Use "${spoken(bin, id)} <command> --help" for more about a command.`),
  ]
}

/** One line for each command or group directly below `id`; hidden ones are left out. */
export function childLines(id: string, {commands, topics}: ProgramHelp, columns = 80): string[] {
  const prefix = id === '' ? '' : `${id}:`
  const below = commands.filter((command) => !command.hidden && command.id.startsWith(prefix) && command.id !== id)
  const names = [...new Set(below.map((command) => command.id.slice(prefix.length).split(':')[0]!))].sort()
  return names.flatMap((name) => {
    const child = `${prefix}${name}`
    if (topics[child]?.hidden) return []
    const summary = topics[child]?.description ?? commands.find((command) => command.id === child)?.summary ?? ''
    return columnsOf(`  ${name}`, summary, columns)
  })
}
