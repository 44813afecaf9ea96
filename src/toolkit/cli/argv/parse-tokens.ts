// The flags and positionals of one command, read as pflag reads them: `--name value`, `--name=value`, Go booleans, the
// last of a repeated single flag wins, and nothing swallows a positional.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {type CommandShape, type FlagShape, spoken} from './command-shape.ts'
import {unknownFlag} from './find-command.ts'
import {goBool} from './go-bool.ts'

/** What stood on the line, by flag name. */
export interface ParsedTokens {
  readonly help: boolean
  readonly options: ReadonlyMap<string, readonly string[]>
  readonly booleans: ReadonlyMap<string, boolean>
  readonly positionals: readonly string[]
}

/**
 * Reads `tokens` for `command`.
 *
 * @throws TunnelError TC-CLI-USAGE with the texts of pflag. `--help` ends the reading, as there.
 */
export function parseTokens(tokens: readonly string[], command: CommandShape, bin: string): ParsedTokens {
  const flags = flagsByName(command)
  const options = new Map<string, readonly string[]>()
  const booleans = new Map<string, boolean>()
  const positionals: string[] = []
  const queue = [...tokens]
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token === '--') {
      positionals.push(...queue)
      break
    }
    if (!token.startsWith('-') || token === '-') {
      positionals.push(token)
      continue
    }
    if (token === '-h' || token === '--help') return {help: true, options: new Map(), booleans, positionals}
    if (!token.startsWith('--')) throw usage(`unknown shorthand flag: '${token[1]}' in ${token}`, command, bin)
    readLong(token)
  }
  return {help: false, options, booleans, positionals}

  function readLong(token: string): void {
    const [, name, value] = /^--([^=]*)(?:=(.*))?$/s.exec(token)!
    if (!name) throw usage(`bad flag syntax: ${token}`, command, bin)
    const found = flags.get(name)
    if (!found) throw unknownFlag(name, [...flags.keys()], spoken(bin, command.id))
    const {flag, negated} = found
    if (flag.type === 'boolean') {
      const meant = value === undefined ? true : goBool(value)
      if (meant === undefined) throw usage(badBool(name, value!), command, bin)
      booleans.set(flag.name, meant !== negated)
      return
    }
    const text = value ?? queue.shift()
    if (text === undefined) throw usage(`flag needs an argument: --${name}`, command, bin)
    options.set(name, flag.multiple ? [...(options.get(name) ?? []), text] : [text])
  }
}

/** A usage error that points at the help of the command. */
export const usage = (message: string, command: Pick<CommandShape, 'id'>, bin: string): TunnelError =>
  new TunnelError('TC-CLI-USAGE', message, {next: [`Run ${spoken(bin, command.id)} --help`]})

const badBool = (name: string, value: string): string =>
  `invalid argument ${JSON.stringify(value)} for "--${name}" flag: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`

function flagsByName({flags = {}}: CommandShape): Map<string, {flag: FlagShape; negated: boolean}> {
  const byName = new Map<string, {flag: FlagShape; negated: boolean}>()
  for (const flag of Object.values(flags)) {
    byName.set(flag.name, {flag, negated: false})
    if (flag.allowNo) byName.set(`no-${flag.name}`, {flag, negated: true})
  }
  return byName
}
