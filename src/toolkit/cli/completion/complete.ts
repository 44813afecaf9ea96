// What could stand at the cursor of an unfinished command line. One engine for all shells: their scripts only ask it, so
// that a new command, flag or profile is completed at once and the same everywhere.

import {HELP_TOPICS} from '../help/help-answer.ts'
import type {FlagHelp, ProgramHelp} from '../help/help-shape.ts'
import {argValue, flagValue, type ValueKind} from './value-kinds.ts'

/** One word that could stand there. */
export interface Candidate {
  readonly value: string
  /** One line, or empty. */
  readonly description: string
}

/** The answer: words, or the shell's own completion of paths (for what stands behind a `=`, if one does). */
export interface Completion {
  readonly kind: 'words' | 'files' | 'dirs'
  readonly candidates: readonly Candidate[]
}

/** What is asked. */
export interface CompletionQuestion {
  /** Words between the program and the cursor's word. */
  readonly words: readonly string[]
  /** The cursor's word up to the cursor; may be empty. */
  readonly current: string
  readonly program: ProgramHelp
  /** Values of a kind that live on this machine; `flags` is what the line gives so far. May reject: then there are none. */
  readonly lookUp: (kind: ValueKind, flags: ReadonlyMap<string, string>) => Promise<readonly string[]>
}

const NOTHING: Completion = {kind: 'words', candidates: []}
/** The shells that there is a script for. */
export const SHELLS = ['bash', 'fish', 'powershell', 'zsh'] as const

/** Completes a line. Never rejects: whoever presses Tab wants no error. */
export async function complete(question: CompletionQuestion): Promise<Completion> {
  const {current, program} = question
  const line = readLine(question)
  const flags = flagsOf(line, program)
  if (line.open !== undefined) return await values(flagValue(line.open), current, '', question, line)
  if (line.ended) return await positional(question, line)
  const [, name, value] = /^--([^=]+)=(.*)$/s.exec(current) ?? []
  if (name !== undefined) {
    const flag = flags.find((one) => one.name === name)
    return flag?.type === 'option' ? await values(flagValue(flag), value!, `--${name}=`, question, line) : NOTHING
  }
  if (current.startsWith('-')) return words(flagCandidates(flags, line, current), current)
  return await positional(question, line)
}

/** The line so far, understood as far as it goes. */
interface Line {
  /** oclif id of the command or group. */
  readonly id: string
  readonly positionals: readonly string[]
  readonly given: ReadonlyMap<string, string>
  /** A flag that waits for its value. */
  readonly open: FlagHelp | undefined
  /** Behind `--`. */
  readonly ended: boolean
}

function readLine({words: all, program}: CompletionQuestion): Line {
  let id = ''
  let open: FlagHelp | undefined
  let ended = false
  const positionals: string[] = []
  const given = new Map<string, string>()
  for (const word of all) {
    if (open !== undefined) {
      given.set(open.name, word)
      open = undefined
    } else if (ended) positionals.push(word)
    else if (word === '--') ended = true
    else if (word.startsWith('--')) {
      const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
      const flag = below(id, program).find((one) => one.name === name)
      if (flag?.type === 'option' && value === undefined) open = flag
      else given.set(name, value ?? '')
    } else if (!word.startsWith('-') || word === '-') {
      const next = id === '' ? word : `${id}:${word}`
      if (positionals.length === 0 && isKnown(next, program)) id = next
      else positionals.push(word)
    }
  }
  return {id: commandOf(id, program)?.id ?? id, positionals, given, open, ended}
}

const spellings = ({id, aliases = []}: ProgramHelp['commands'][number]): string[] => [id, ...aliases]

const commandOf = (id: string, {commands}: ProgramHelp): ProgramHelp['commands'][number] | undefined =>
  commands.find((command) => spellings(command).includes(id))

const isKnown = (id: string, {commands}: ProgramHelp): boolean =>
  commands.some((command) => spellings(command).some((name) => name === id || name.startsWith(`${id}:`)))

/** Flags of a command, or of everything below a group: they may stand before its words. */
function below(id: string, {commands}: ProgramHelp): readonly FlagHelp[] {
  return commands
    .filter((command) => spellings(command).some((name) => id === '' || name === id || name.startsWith(`${id}:`)))
    .flatMap(({flags = {}}) => Object.values(flags))
}

const GLOBAL: readonly FlagHelp[] = [
  {name: 'help', type: 'boolean', summary: 'Show this help'},
  {name: 'json', type: 'boolean', summary: 'Print one JSON document instead of text'},
]
const VERSION: FlagHelp = {name: 'version', type: 'boolean', summary: 'Print the version'}

function flagsOf({id}: Line, program: ProgramHelp): readonly FlagHelp[] {
  const own = Object.values(commandOf(id, program)?.flags ?? {}).filter(({name}) => name !== 'json')
  return [...own, ...GLOBAL, ...(id === '' ? [VERSION] : [])]
}

const flagCandidates = (flags: readonly FlagHelp[], {given}: Line, current: string): readonly Candidate[] =>
  flags
    .filter(({name, hidden, multiple}) => !hidden && (multiple || !given.has(name)))
    .flatMap(({name, summary = '', allowNo}) => [
      {value: `--${name}`, description: summary},
      // A list with every flag twice helps nobody who has not asked for it.
      ...(allowNo && current.startsWith('--no-') ? [{value: `--no-${name}`, description: ''}] : []),
    ])

async function positional(question: CompletionQuestion, line: Line): Promise<Completion> {
  const {current, program} = question
  const {id, positionals} = line
  if (id === 'help') {
    const about = positionals.length > 0 ? [] : HELP_TOPICS.map((value) => ({value, description: 'Topic'}))
    return words([...about, ...children(positionals.join(':'), program)], current)
  }
  const command = commandOf(id, program)
  if (command === undefined) {
    return line.ended || positionals.length > 0 ? NOTHING : words(children(id, program), current)
  }
  const arg = Object.values(command.args ?? {})[positionals.length]
  return arg === undefined ? NOTHING : await values(argValue(command.id, arg.name), current, '', question, line)
}

/** Commands and groups directly below a group. */
function children(id: string, {commands, topics}: ProgramHelp): readonly Candidate[] {
  const prefix = id === '' ? '' : `${id}:`
  const found = new Map<string, string>()
  for (const command of commands) {
    if (command.hidden) continue
    for (const name of spellings(command)) {
      if (!name.startsWith(prefix)) continue
      const word = name.slice(prefix.length).split(':')[0]!
      const child = `${prefix}${word}`
      if (topics[child]?.hidden) continue
      const summary = topics[child]?.description ?? (name === child ? command.summary : '') ?? ''
      found.set(word, found.get(word) || summary)
    }
  }
  return [...found].map(([value, description]) => ({value, description})).sort((a, b) => (a.value < b.value ? -1 : 1))
}

async function values(
  kind: ValueKind | readonly string[] | null,
  current: string,
  prefix: string,
  {lookUp}: CompletionQuestion,
  {given}: Line,
): Promise<Completion> {
  if (kind === null) return NOTHING
  if (kind === 'files' || kind === 'dirs') return {kind, candidates: []}
  const known = typeof kind === 'string' ? await lookUp(kind, given).catch(() => []) : kind
  return words(
    known.map((value) => ({value: `${prefix}${value}`, description: ''})),
    `${prefix}${current}`,
  )
}

const words = (candidates: readonly Candidate[], current: string): Completion => ({
  kind: 'words',
  candidates: candidates.filter(({value}) => value.startsWith(current)),
})
