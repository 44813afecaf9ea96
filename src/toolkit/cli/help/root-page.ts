// Help of the program itself: what it is for, where to go in a browser, and what commands there are.

import {SETUP_PAGES} from '../../../foundation/config/index.ts'
import {type Block, fields, heading, paragraph, text} from '../../../foundation/platform/index.ts'
import {section} from './command-page.ts'
import {columnsOf} from './flag-lines.ts'
import {childLines} from './group-page.ts'
import {HELP_TOPICS} from './help-answer.ts'
import type {ProgramHelp} from './help-shape.ts'

/** The page for `--help` and for no arguments at all. It lists no runtime flags: `run --help` does. */
export function rootPage(program: ProgramHelp, columns = 80): Block[] {
  const {bin, description, commands} = program
  const assistant = commands.some(({id}) => id === 'codex:assistant')
  return [
    paragraph(`${description}.`),
    paragraph(
      'It connects a local or private MCP server over an outbound tunnel. The daemon answers on /healthz and /readyz of ' +
        'its own address; a page at /ui is planned.',
    ),
    ...section('Get started:', [
      `  ${bin} init --profile demo --tunnel-id <id> --mcp-server-url <url>`,
      `  ${bin} doctor --profile demo`,
      `  ${bin} run --profile demo`,
    ]),
    ...(assistant ? [text(`From a Codex terminal: ${bin} codex assistant "What is my tunnel doing?"`)] : []),
    heading('Setup pages:'),
    fields(Object.values(SETUP_PAGES).map(({label, url}) => [`  ${label}`, url])),
    ...section(
      'Agent-first help topics:',
      HELP_TOPICS.map((topic) => `  ${bin} help ${topic}`),
    ),
    ...section('Usage:', [`  ${bin} <command> [flags]`]),
    ...section('Commands:', childLines('', program, columns)),
    ...section('Flags:', [
      ...columnsOf('  -h, --help', 'Show this help, or the help of a command', columns),
      ...columnsOf('  -v, --version', 'Print the version', columns),
      ...columnsOf('  --json', 'Print one JSON document instead of text (every command)', columns),
    ]),
    paragraph(`Use "${bin} <command> --help" for more about a command.`),
  ]
}
