// Help of the program itself: what it is for, where to go in a browser, and what commands there are.

import {type Block, fields, heading, paragraph, text} from '../../../foundation/platform/index.ts'
import {section} from './command-page.ts'
import {columnsOf} from './flag-lines.ts'
import {childLines} from './group-page.ts'
import type {ProgramHelp} from './help-shape.ts'

/** Pages of the platform that a first use needs (facts of the reference). */
const SETUP_URLS = [
  ['Tunnels management', 'https://platform.openai.com/settings/organization/tunnels'],
  ['Runtime API keys', 'https://platform.openai.com/settings/organization/api-keys'],
  ['Admin API keys', 'https://platform.openai.com/settings/organization/admin-keys'],
  ['ChatGPT connector settings', 'https://chatgpt.com/#settings/Connectors'],
] as const

/** The page for `--help` and for no arguments at all. It lists no runtime flags: `run --help` does. */
export function rootPage(program: ProgramHelp, columns = 80): Block[] {
  const {bin, description, commands, topics} = program
  const helpTopics = Object.keys(topics)
    .filter((id) => id.startsWith('help:'))
    .sort()
  const assistant = commands.some(({id}) => id === 'codex:assistant')
  return [
    paragraph(`${description}.`),
    paragraph(
      'It connects a local or private MCP server over an outbound tunnel: a daemon polls the tunnel service and carries ' +
        'each message to the server. While it runs it answers on /healthz, /readyz and /ui of its own address.',
    ),
    ...(assistant ? [text(`From a Codex terminal: ${bin} codex assistant "What is my tunnel doing?"`)] : []),
    heading('Setup pages:'),
    fields(SETUP_URLS.map(([name, url]) => [`  ${name}`, url])),
    ...section(
      'Agent-first help topics:',
      helpTopics.map((id) => `  ${bin} help ${id.slice('help:'.length)}`),
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
