// `run --help` has a layout of its own, because scripts and people of the reference look for its first lines, and because
// the daemon is configured by variables as much as by flags.

import {CONFIG_ROWS} from '../../../foundation/config/index.ts'
import {type Block, text} from '../../../foundation/platform/index.ts'
import {section} from './command-page.ts'
import {columnsOf, flagLines} from './flag-lines.ts'
import type {CommandHelp, ProgramHelp} from './help-shape.ts'

/** Version, flags, next steps, variables. */
export function runPage(command: CommandHelp, {bin, version}: ProgramHelp, columns = 80): Block[] {
  return [
    text([`run version ${version}`, 'Usage of run:']),
    text([
      ...flagLines(Object.values(command.flags ?? {}), columns),
      ...columnsOf('  -h, --help', 'Show this help', columns),
    ]),
    ...section('Agent-first next steps:', nextSteps(bin)),
    ...section('Environment variables:', variableLines(columns)),
  ]
}

const nextSteps = (bin: string): string[] => [
  `  ${bin} run --embedded-mcp-stub --control-plane.tunnel-id tunnel_... --health.listen-addr 127.0.0.1:0 --health.url-file /tmp/${bin}-health.url`,
  `  ${bin} doctor --explain`,
  `  ${bin} health --url-file /tmp/${bin}-health.url`,
]

/** Every variable once: those of the rows in their order, then the ones that no key belongs to. */
function variableLines(columns: number): string[] {
  const known = CONFIG_ROWS.flatMap(({env, summary}) => env.map((name) => [name, summary] as const))
  const others = [['XDG_CONFIG_HOME', 'Base of the default profile folder']] as const
  return [...known, ...others].flatMap(([name, summary]) => columnsOf(`  ${name}`, summary, columns))
}
