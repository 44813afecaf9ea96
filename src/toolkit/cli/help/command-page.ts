// Help of one command.

import {type Block, heading, paragraph, text} from '../../../foundation/platform/index.ts'
import {spoken} from '../argv/command-shape.ts'
import {columnsOf, flagLines} from './flag-lines.ts'
import type {ArgHelp, CommandHelp, ProgramHelp} from './help-shape.ts'

/** Summary, usage, arguments, flags, global flags, examples. */
export function commandPage(command: CommandHelp, {bin}: ProgramHelp, columns = 80): Block[] {
  const flags = Object.values(command.flags ?? {})
  const args = Object.values(command.args ?? {})
  const own = flags.filter(({helpGroup}) => helpGroup !== 'GLOBAL')
  const global = flags.filter(({helpGroup}) => helpGroup === 'GLOBAL')
  return [
    ...(command.summary ? [paragraph(command.summary)] : []),
    ...(command.description ? [paragraph(command.description)] : []),
    ...section('Usage:', [`  ${usageLine(command, bin)}`]),
    ...section(
      'Aliases:',
      (command.aliases ?? []).map((alias) => `  ${spoken(bin, alias)}`),
    ),
    ...section(
      'Arguments:',
      args.flatMap((arg) => columnsOf(`  ${arg.name}`, arg.description ?? '', columns)),
    ),
    ...section('Flags:', flagLines(own, columns)),
    ...section('Global flags:', [
      ...flagLines(global, columns),
      ...columnsOf('  -h, --help', 'Show this help', columns),
    ]),
    ...section(
      'Examples:',
      (command.examples ?? []).map((line) => `  ${line.replaceAll('<%= config.bin %>', bin)}`),
    ),
  ]
}

/** `tunnel-client admin tunnels get <tunnel_id> [flags]` */
function usageLine({id, args = {}, strict}: CommandHelp, bin: string): string {
  const show = ({name, required}: ArgHelp): string => (required ? `<${name}>` : `[${name}]`)
  const words = [spoken(bin, id), ...Object.values(args).map(show), ...(strict === false ? ['...'] : []), '[flags]']
  return words.join(' ')
}

/** A headed list of lines, or nothing. */
export const section = (title: string, lines: readonly string[]): Block[] =>
  lines.length === 0 ? [] : [heading(title), text(lines)]
