// From what a person or a script typed to what oclif reads correctly. oclif 4 gets five things wrong that scripts written
// for the reference rely on (flags before the subcommand, Go booleans, -v, greedy repeated flags, exit 2 on parse errors),
// so the line is read here by pflag's rules and handed on in one unambiguous form. Pure.

import {TunnelError} from '../../../foundation/errors/index.ts'
import type {CommandShape, ProgramShape} from './command-shape.ts'
import {spoken} from './command-shape.ts'
import {findCommand} from './find-command.ts'
import {type ParsedTokens, parseTokens, usage} from './parse-tokens.ts'

/** What the line asks for. */
export type CommandLine =
  | {readonly kind: 'version'; readonly json: boolean}
  /** Help of a command or group; the empty id is the root. */
  | {readonly kind: 'help'; readonly id: string}
  /** `argv` in oclif's dialect: `--flag`, `--no-flag`, `--name=value`, then `--` and the positionals. */
  | {readonly kind: 'command'; readonly id: string; readonly argv: readonly string[]}

/** True when the line asks for JSON, also when the rest of it makes no sense. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).some((token) => /^--json(=(1|t|T|TRUE|true|True))?$/.test(token))
}

/**
 * Reads a command line.
 *
 * @throws TunnelError TC-CLI-USAGE, always exit 1: unknown command or flag, missing value or required flag, wrong number
 * of arguments; the texts are those of cobra and pflag.
 */
export function normaliseArgv(argv: readonly string[], program: ProgramShape): CommandLine {
  const {bin} = program
  if (argv[0] === 'help' && !program.commands.some(({id}) => id === 'help')) {
    return {kind: 'help', id: findCommand(argv.slice(1), program).id}
  }
  const {id, command, rest} = findCommand(argv, program)
  if (!command) return readGroup(id, rest, program)
  const parsed = parseTokens(rest, command, bin)
  if (parsed.help) return {kind: 'help', id}
  checkPositionals(parsed.positionals.length, command, bin)
  checkRequired(parsed, command, bin)
  return {kind: 'command', id, argv: rebuild(parsed, command)}
}

/** The root and groups do nothing by themselves: they show their help, or the version. */
function readGroup(id: string, rest: readonly string[], {bin}: ProgramShape): CommandLine {
  const root: CommandShape = {
    id,
    flags: {
      json: {name: 'json', type: 'boolean'},
      ...(id === '' ? {version: {name: 'version', type: 'boolean'}} : {}),
    },
  }
  const tokens = rest.map((token) => (id === '' && token === '-v' ? '--version' : token))
  const {help, booleans, positionals} = parseTokens(tokens, root, bin)
  if (help) return {kind: 'help', id}
  const json = booleans.get('json') === true
  if (booleans.get('version')) return {kind: 'version', json}
  if (positionals.length > 0) throw usage(`unknown command "${positionals[0]}" for "${spoken(bin, id)}"`, {id}, bin)
  if (json) throw usage(`${spoken(bin, id)} does nothing without a command`, {id}, bin)
  return {kind: 'help', id}
}

function checkPositionals(received: number, {id, args = {}, strict}: CommandShape, bin: string): void {
  const all = Object.values(args)
  const least = all.filter(({required}) => required).length
  const most = strict === false ? Number.POSITIVE_INFINITY : all.length
  if (received >= least && received <= most) return
  throw usage(`${expectation(least, most)}${received}`, {id}, bin)
}

function expectation(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `requires at least ${least} arg(s), only received `
  if (least === most) return `accepts ${least} arg(s), received `
  if (least === 0) return `accepts at most ${most} arg(s), received `
  return `accepts between ${least} and ${most} arg(s), received `
}

function checkRequired({options, booleans}: ParsedTokens, {id, flags = {}}: CommandShape, bin: string): void {
  const missing = Object.values(flags)
    .filter(({name, required}) => required && !options.has(name) && !booleans.has(name))
    .map(({name}) => `"${name}"`)
    .sort()
  if (missing.length === 0) return
  throw new TunnelError('TC-CLI-USAGE', `required flag(s) ${missing.join(', ')} not set`, {
    next: [`Run ${spoken(bin, id)} --help`],
  })
}

function rebuild({options, booleans, positionals}: ParsedTokens, {flags = {}}: CommandShape): string[] {
  const off = (name: string): string[] => (flags[name]?.allowNo ? [`--no-${name}`] : [])
  return [
    ...[...booleans].flatMap(([name, on]) => (on ? [`--${name}`] : off(name))),
    ...[...options].flatMap(([name, values]) => values.map((value) => `--${name}=${value}`)),
    ...(positionals.length > 0 ? ['--', ...positionals] : []),
  ]
}
