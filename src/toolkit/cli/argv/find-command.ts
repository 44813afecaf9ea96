// Which command do the words of a command line name? Flags may stand before and between the words, as cobra allows.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {nearest} from '../../../foundation/platform/index.ts'
import {type CommandShape, type FlagShape, type ProgramShape, spoken} from './command-shape.ts'

/** The command or group that was named, and everything on the line that is not one of its words. */
export interface FoundCommand {
  /** oclif id of the command or group; empty for the root. */
  readonly id: string
  /** Absent for a group and for the root. */
  readonly command: CommandShape | undefined
  /** Flags and positionals in their order. */
  readonly rest: readonly string[]
}

/**
 * Walks the command words of `argv`.
 *
 * @throws TunnelError TC-CLI-USAGE for an unknown word, and for a flag no command below the current group knows.
 */
export function findCommand(argv: readonly string[], program: ProgramShape): FoundCommand {
  const names = namesOf(program)
  const rest: string[] = []
  let id = ''
  for (let at = 0; at < argv.length; at += 1) {
    const token = argv[at]!
    if (token === '--') return done(argv.slice(at))
    if (token.startsWith('-') && token !== '-') {
      rest.push(token)
      if (takesValue(token, id, names, program.bin) && at + 1 < argv.length) {
        at += 1
        rest.push(argv[at]!)
      }
      continue
    }
    const next = id === '' ? token : `${id}:${token}`
    if (isKnown(next, names)) id = next
    else if (names.has(id)) return done(argv.slice(at))
    else throw unknownWord(token, id, names, program.bin)
  }
  return done([])

  function done(tail: readonly string[]): FoundCommand {
    const command = names.get(id)
    return {id: command?.id ?? id, command, rest: [...rest, ...tail]}
  }
}

/** Every spelling of every command: ids and aliases. */
function namesOf({commands}: ProgramShape): Map<string, CommandShape> {
  const names = new Map<string, CommandShape>()
  for (const command of commands) {
    for (const name of [command.id, ...(command.aliases ?? []), ...(command.hiddenAliases ?? [])])
      names.set(name, command)
  }
  return names
}

const isKnown = (id: string, names: Map<string, CommandShape>): boolean =>
  names.has(id) || [...names.keys()].some((name) => name.startsWith(`${id}:`))

/** True when the flag needs the next token as its value; a flag that nothing below `id` knows is refused here. */
function takesValue(token: string, id: string, names: Map<string, CommandShape>, bin: string): boolean {
  const name = token.slice(2)
  if (!token.startsWith('--') || name.includes('=') || name === 'help' || name === 'version') return false
  const below = [...names].filter(([known]) => id === '' || known === id || known.startsWith(`${id}:`))
  const flags = below.flatMap(([, {flags = {}}]) => Object.values(flags))
  const meant = flags.filter((flag) => spellings(flag).includes(name))
  if (meant.length === 0) throw unknownFlag(name, flags.flatMap(spellings), spoken(bin, id))
  return meant.every((flag) => flag.type === 'option')
}

const spellings = ({name, allowNo}: FlagShape): string[] => (allowNo ? [name, `no-${name}`] : [name])

/** `unknown flag: --x`, with the nearest flag as what to do next. */
export function unknownFlag(name: string, known: readonly string[], command: string): TunnelError {
  const near = nearest(name, known)
  const help = `Run ${command} --help`
  return new TunnelError('TC-CLI-USAGE', `unknown flag: --${name}`, {
    next: near === null ? [help] : [`Did you mean --${near}?`, help],
  })
}

function unknownWord(word: string, id: string, names: Map<string, CommandShape>, bin: string): TunnelError {
  const prefix = id === '' ? '' : `${id}:`
  const children = [...names]
    .filter(([name, {hidden}]) => !hidden && name.startsWith(prefix))
    .map(([name]) => name.slice(prefix.length).split(':')[0]!)
  const here = spoken(bin, id)
  const help = `Run ${here} --help`
  const near = nearest(word, [...new Set(children)])
  return new TunnelError('TC-CLI-USAGE', `unknown command "${word}" for "${here}"`, {
    next: near === null ? [help] : [`Did you mean ${here} ${near}?`, help],
  })
}
