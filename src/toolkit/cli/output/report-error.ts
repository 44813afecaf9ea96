// The one place where an error becomes output: an envelope on stdout with --json, else one line each on stderr.

import {Exit, isTunnelError, messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {folderGone, goJson, isFolderGone, printable} from '../../../foundation/platform/index.ts'
import type {CliHost} from '../host.ts'

/** One error as JSON tells it. */
export interface ErrorJson {
  readonly code: string
  readonly message: string
  readonly next: readonly string[]
  readonly origin?: string
  readonly problems?: readonly ErrorJson[]
  /** Members of the reference's envelope for this error. */
  readonly [detail: string]: unknown
}

/** What `--json` prints when a command fails. */
export interface ErrorEnvelope {
  readonly schema_version: 1
  readonly error: ErrorJson
}

/** The envelope of an error. */
export const errorEnvelope = (error: TunnelError): ErrorEnvelope => ({schema_version: 1, error: errorJson(error)})

function errorJson(error: TunnelError): ErrorJson {
  return {
    code: error.code,
    message: error.message,
    next: error.next,
    ...(error.origin === undefined ? {} : {origin: error.origin}),
    ...(error.problems.length === 0 ? {} : {problems: error.problems.map(errorJson)}),
    ...('code' in error.details ? {tunnel_client_code: error.code} : {}),
    ...error.details,
  }
}

/** One line for each problem, or for the error itself: what happened, what to do next, the code. */
export function errorLines(error: TunnelError): string[] {
  if (error.problems.length > 0) return error.problems.flatMap(errorLines)
  const origin = error.origin === undefined || error.message.includes(error.origin) ? '' : ` (${error.origin})`
  const next = error.next[0] === undefined ? '' : `. Next: ${error.next[0]}`
  return [printable(`${messageOf(error).replace(/\.$/, '')}${origin}${next} (${error.code})`)]
}

/** Anything thrown as an error that can be reported: usage mistakes of the parser keep their text, the rest is a defect. */
export function asTunnelError(thrown: unknown): TunnelError {
  if (isTunnelError(thrown)) return thrown
  if (thrown instanceof Error && thrown.name === 'ExitPromptError') {
    return new TunnelError('TC-CLI-INTERRUPTED', 'interrupted', {cause: thrown})
  }
  if (isParserError(thrown)) {
    return new TunnelError('TC-CLI-USAGE', parserText(thrown.message), {cause: thrown})
  }
  if (isFolderGone(thrown)) return folderGone(thrown)
  return new TunnelError('TC-CLI-BUG', messageOf(thrown), {cause: thrown})
}

/** oclif's own errors about the command line carry an `oclif` record; nothing else that reaches us does. */
const isParserError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && 'oclif' in thrown && !isTunnelError(thrown)

/** What oclif's parser says, in one line; a number that is none in the words of the reference. */
function parserText(message: string): string {
  const number = /^Parsing --(\S+) \n\tExpected an integer but received: (.*)$/m.exec(message)
  if (number) {
    const value = JSON.stringify(number[2])
    return `invalid argument ${value} for "--${number[1]}" flag: strconv.ParseInt: parsing ${value}: invalid syntax`
  }
  return messageOf(new Error(message.replace(/\n?See more help with --help$/, '')))
}

/** Prints an error and returns the exit status that goes with it. Stacks appear only under DEBUG=tunnel-client. */
export function reportError(thrown: unknown, {host, json}: {host: CliHost; json: boolean}): number {
  const error = asTunnelError(thrown)
  if (json) host.stdout.write(goJson(errorEnvelope(error)))
  else
    host.stderr.write(
      errorLines(error)
        .map((line) => `${line}\n`)
        .join(''),
    )
  if (debugging(host.env)) host.stderr.write(indented(stackOf(thrown)))
  return error.exitCode ?? Exit.failed
}

const debugging = (env: CliHost['env']): boolean =>
  (env.DEBUG ?? '').split(/[\s,]+/).some((name) => /^(tunnel-client(:.*)?|\*)$/.test(name))

/** The message in a stack may hold lines that look like ours: below the first, every line is indented. */
const indented = (stack: string): string =>
  stack
    .split('\n')
    .map((line, at) => `${at === 0 || /^ +at /.test(line) ? '' : '    '}${printable(line)}\n`)
    .join('')

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const own = thrown.stack ?? messageOf(thrown)
  return thrown.cause === undefined ? own : `${own}\nCaused by: ${stackOf(thrown.cause)}`
}
