// A tool call: one command of this program with --json, and its answer.

import {realpath} from 'node:fs/promises'
import {isTunnelError, messageOf} from '../../../foundation/errors/index.ts'
import type {PluginProgram} from '../plugin/bundle.ts'
import {parsedJson} from '../program/parsed-json.ts'
import {runProgram} from '../program/run-program.ts'
import {checkArguments, commandLine, missingVariable, type ToolArguments, textOf} from './command-line.ts'
import {type ToolAnswer, type ToolRun, toolAnswer} from './tool-result.ts'
import type {ToolName} from './tools.ts'

/** What runs a tool. */
export interface ToolHost {
  readonly program: PluginProgram
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** One call. */
export interface ToolCall {
  readonly name: ToolName
  readonly args: ToolArguments
  /** Aborted when the caller gives up. */
  readonly signal?: AbortSignal | undefined
}

/** Milliseconds. Starting a runtime and draining one take their time; looking does not. */
const BUDGET: Readonly<Record<ToolName, number>> = {
  install_or_select_tunnel_client: 1000,
  create_tunnel_runtime: 60_000,
  connect_stdio_mcp: 120_000,
  list_runtime_aliases: 60_000,
  runtime_status: 60_000,
  stop_runtime: 120_000,
}

/** Runs a tool. Never rejects: what went wrong is the answer. */
export async function runTool(call: ToolCall, host: ToolHost): Promise<ToolAnswer> {
  const {name, args} = call
  const nothing: ToolRun = {
    operation: name,
    alias: textOf(args, 'alias') || null,
    command: [],
    exitCode: null,
    stdout: '',
    stderr: '',
    native: null,
    program: host.program.runJs,
    problem: null,
  }
  try {
    checkArguments(name, args)
    await checkProgram(textOf(args, 'tunnel_client_bin'), host.program)
    if (name === 'install_or_select_tunnel_client') return toolAnswer({...nothing, more: selection(host.program)})
    return toolAnswer({...nothing, ...(await runCommand(call, commandLine(name, args, host.env), host))})
  } catch (thrown) {
    return toolAnswer({...nothing, problem: sentenceOf(thrown)})
  }
}

async function runCommand(
  {name, signal}: ToolCall,
  words: readonly string[],
  host: ToolHost,
): Promise<Partial<ToolRun>> {
  const {program, env, cwd} = host
  const argv: [string, ...string[]] = [program.node, program.runJs, ...words]
  const result = await runProgram({argv, env, cwd, timeoutMs: BUDGET[name], signal})
  const printed = parsedJson(result.stdout)
  const native = typeof printed === 'object' && printed !== null ? (printed as Record<string, unknown>) : null
  const run = {command: argv, exitCode: result.code, stdout: result.stdout, stderr: result.stderr, native}
  return {...run, problem: result.code === 0 ? null : problemOf(result, native)}
}

function problemOf(
  {code, stderr, problem}: {readonly code: number | null; readonly stderr: string; readonly problem: string | null},
  native: Record<string, unknown> | null,
): string {
  const envelope = native?.error as {message?: unknown; next?: unknown} | string | undefined
  const said =
    typeof envelope === 'object' && envelope !== null
      ? String(envelope.message ?? '')
      : (envelope ?? native?.remote_error ?? '')
  const why = problem ?? (String(said) || stderr.trim().split('\n').at(-1) || state(native) || `exit status ${code}`)
  const variable = /environment variable ([A-Za-z_]\w*) is (?:not set|empty)/.exec(why)?.[1]
  if (variable !== undefined) return sentenceOf(missingVariable(variable))
  const next = typeof envelope === 'object' && Array.isArray(envelope?.next) ? envelope.next[0] : undefined
  return next === undefined ? why : `${why}. ${next}`
}

const state = (native: Record<string, unknown> | null): string =>
  typeof native?.runtime_state === 'string' ? `the runtime is ${native.runtime_state}` : ''

/** The plugin is served by one program; a prompt does not choose another. */
async function checkProgram(given: string, program: PluginProgram): Promise<void> {
  if (given === '') return
  if ((await realpath(given).catch(() => given)) === program.runJs) return
  throw new Error(
    `tunnel_client_bin only accepts the current tunnel-client executable (${program.runJs}); run codex plugin install with the other one to change it`,
  )
}

const selection = ({runJs, node, version}: PluginProgram): Record<string, unknown> => ({
  version,
  discovery_attempts: [{source: 'current_process', path: runJs, node, ok: true}],
})

function sentenceOf(thrown: unknown): string {
  const next = isTunnelError(thrown) && thrown.code !== 'TC-CLI-USAGE' ? thrown.next[0] : undefined
  const own = isTunnelError(thrown) && /did not reach/.test(thrown.message) ? thrown.next[0] : next
  return own === undefined ? messageOf(thrown) : `${messageOf(thrown)}. ${own}`
}
