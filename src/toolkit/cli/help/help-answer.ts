// What `help` answers: a topic, which is a text of its own, the page of a command, or that of an error code. A topic wins
// over a command of its name.

import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {type Block, nearest, page} from '../../../foundation/platform/index.ts'
import {findCommand} from '../argv/find-command.ts'
import {helpPage} from './help-pages.ts'
import type {ProgramHelp} from './help-shape.ts'

/** Topics, sorted; each is a file in `templates/help`. */
export const HELP_TOPICS = ['doctor', 'oauth', 'plugin', 'quickstart', 'samples', 'troubleshooting'] as const

/** What was asked. */
export interface HelpQuestion {
  /** A topic, or the words of a command; none: the program itself. */
  readonly words: readonly string[]
  readonly program: ProgramHelp
  /** The package's `templates` folder. */
  readonly templates: string
  /** Width in characters. */
  readonly columns: number
}

/** A page, and what it is about. */
export interface HelpAnswer {
  readonly topic?: string
  /** An error code or the code of a failure class. */
  readonly code?: string
  /** Words of the command; empty for the program itself. */
  readonly command?: string
  readonly blocks: readonly Block[]
}

/** Finds a page. @throws TunnelError `TC-CLI-USAGE` for what is neither a topic, a command nor a code. */
export async function answerHelp({words, program, templates, columns}: HelpQuestion): Promise<HelpAnswer> {
  const [first = ''] = words
  if (words.length === 1 && isTopic(first)) {
    return {topic: first, blocks: [page(await readFile(join(templates, 'help', `${first}.txt`), 'utf8'))]}
  }
  const known = program.commands.some(({id}) => id.split(':')[0] === first)
  if (words.length === 1 && !known) {
    const {isCode, codePage} = await import('./code-page.ts')
    if (isCode(first)) return codePage(first)
  }
  const names = program.commands.filter(({hidden}) => !hidden).map(({id}) => id.split(':')[0]!)
  if (first !== '' && !known) {
    const near = nearest(first, [...HELP_TOPICS, ...new Set(names)])
    throw new TunnelError(
      'TC-CLI-USAGE',
      `unknown help topic or command "${first}"; topics: ${HELP_TOPICS.join(', ')}`,
      {next: [...(near === null ? [] : [`Did you mean ${program.bin} help ${near}?`]), `Run ${program.bin} --help`]},
    )
  }
  const {id} = findCommand(words, program)
  return {command: id.replaceAll(':', ' '), blocks: helpPage(id, program, columns)}
}

const isTopic = (word: string): boolean => (HELP_TOPICS as readonly string[]).includes(word)
