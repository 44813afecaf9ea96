// `run --help`: purpose, examples, what is needed, what is common, then the rest. Its first two lines are the reference's,
// because scripts look for them.

import {CONFIG_ROWS} from '../../../foundation/config/index.ts'
import {type Block, paragraph, text} from '../../../foundation/platform/index.ts'
import {section} from './command-page.ts'
import {columnsOf, flagLines} from './flag-lines.ts'
import type {CommandHelp, FlagHelp, ProgramHelp} from './help-shape.ts'

/** Without these the daemon does not start; of the last three, one is enough. */
const REQUIRED = [
  'control-plane.tunnel-id',
  'control-plane.api-key',
  'mcp.server-url',
  'mcp.command',
  'embedded-mcp-stub',
]
const COMMON = [
  'profile',
  'config',
  'control-plane.base-url',
  'health.listen-addr',
  'health.url-file',
  'log.level',
  'log.format',
  'ca-bundle',
]

/** Flags that are accepted for configurations of the reference. */
const WITHOUT_EFFECT = /^Accepted and without effect/

/** Each flag once, and with it each variable once. */
export function runPage(command: CommandHelp, {bin, version}: ProgramHelp, columns = 80): Block[] {
  const flags = Object.values(command.flags ?? {})
    .filter(({hidden}) => !hidden)
    .map(withoutVariable)
  const named = (names: readonly string[]): FlagHelp[] =>
    names.flatMap((name) => flags.find((flag) => flag.name === name) ?? [])
  const idle = flags.filter(({summary = ''}) => WITHOUT_EFFECT.test(summary))
  const first = [...named(REQUIRED), ...named(COMMON)]
  const others = flags.filter((flag) => !first.includes(flag) && !idle.includes(flag))
  return [
    text([`run version ${version}`, 'Usage of run:', `  ${bin} run [flags]`]),
    ...(command.summary ? [paragraph(`${command.summary}.`)] : []),
    ...(command.description ? [paragraph(command.description)] : []),
    ...section(
      'Examples:',
      (command.examples ?? []).map((line) => `  ${line.replaceAll('<%= config.bin %>', bin)}`),
    ),
    ...section(
      'Required, here or in a profile (one MCP server is enough):',
      named(REQUIRED).flatMap((flag) => flagLines([flag], columns)),
    ),
    ...section(
      'Common flags:',
      named(COMMON).flatMap((flag) => flagLines([flag], columns)),
    ),
    ...section('More flags:', [...flagLines(others, columns), ...columnsOf('  -h, --help', 'Show this help', columns)]),
    ...section(
      'Accepted for scripts of the Go client, without effect:',
      idle.map(({name}) => `  --${name}`),
    ),
    ...section('Environment variables:', variableLines()),
    ...section('Agent-first next steps:', nextSteps(bin)),
  ]
}

const nextSteps = (bin: string): string[] => [
  `  ${bin} run --embedded-mcp-stub --control-plane.tunnel-id tunnel_... --health.listen-addr 127.0.0.1:0 --health.url-file /tmp/${bin}-health.url`,
  `  ${bin} doctor --explain`,
  `  ${bin} health --url-file /tmp/${bin}-health.url`,
]

/** The list of variables stands at the end of the page. */
const withoutVariable = (flag: FlagHelp): FlagHelp => ({
  ...flag,
  summary: (flag.summary ?? '').replace(/ \(env [A-Z0-9_, ]+\)$/, '').replace(/\(env [A-Z0-9_, ]+; /, '('),
})

const VARIABLE_WIDTH = 42

/** Every variable and its flag, in the order of the rows, then the one that no key belongs to. */
const variableLines = (): string[] => [
  ...CONFIG_ROWS.flatMap(({env, flag}) => env.map((name) => `  ${name.padEnd(VARIABLE_WIDTH)}  --${flag}`)),
  `  ${'XDG_CONFIG_HOME'.padEnd(VARIABLE_WIDTH)}  Base of the default profile folder`,
]
