// What a tool answers: the reference's members, filled from what the command printed.

import {redacted} from './redact.ts'
import type {ToolName} from './tools.ts'

/** JSON data of unknown shape. */
type Data = Readonly<Record<string, unknown>>

/** How the command went. */
export interface ToolRun {
  readonly operation: ToolName
  /** As given; null when none was. */
  readonly alias: string | null
  /** Whole command line; empty for the tool that runs none. */
  readonly command: readonly string[]
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** The document that it printed; null when it printed none. */
  readonly native: Data | null
  /** Path of the program behind the tools. */
  readonly program: string
  /** What went wrong, one sentence; null when nothing did. */
  readonly problem: string | null
  /** What else to say, for example how the program was chosen. */
  readonly more?: Data
}

/** The answer of `tools/call`. */
export interface ToolAnswer {
  readonly content: {readonly type: 'text'; readonly text: string}[]
  readonly structuredContent: Record<string, unknown>
  readonly isError?: true
}

/** Builds the answer, without secrets. */
export function toolAnswer(run: ToolRun): ToolAnswer {
  const native = run.native ?? {}
  const process = dataOf(native.process)
  const local = dataOf(native.local)
  const endpoint = (name: string): unknown =>
    native[name] ??
    dataOf(native.effective_health)[name] ??
    dataOf(local.effective_health)[name] ??
    dataOf(native.health)[name] ??
    dataOf(local.health)[name] ??
    null
  const command = process.command ?? native.command ?? null
  const facts = redacted({
    tunnel_id: native.tunnel_id ?? dataOf(native.tunnel).id ?? dataOf(native.remote).id ?? process.tunnel_id ?? null,
    alias: native.alias ?? run.alias ?? null,
    profile_path: native.profile_path || native.config_path || null,
    healthz: endpoint('healthz'),
    readyz: endpoint('readyz'),
    control_plane_poll_health: native.control_plane_poll_health ?? local.control_plane_poll_health ?? null,
    session_name: native.session_name ?? process.session_name ?? null,
    repair_actions: Array.isArray(native.repair_actions) ? native.repair_actions : [],
    selected_tunnel_client_bin: run.program,
    tunnel_client_bin: run.program,
    selection_source: 'current_process',
    live_process_command: command,
    live_process_binary: typeof command === 'string' ? firstWord(command) : null,
    launch_diagnostics: diagnostics(run, native, local),
    ok: run.problem === null,
    operation: run.operation,
    command: masked(run.command),
    exit_code: run.exitCode,
    stderr: run.stderr,
    native: run.native,
    ...(run.problem === null ? {} : {error: run.problem}),
    ...run.more,
  })
  return {
    content: [{type: 'text', text: sentence(run, facts)}],
    structuredContent: facts,
    ...(run.problem === null ? {} : {isError: true as const}),
  }
}

function sentence(run: ToolRun, facts: Data): string {
  if (run.problem !== null) return `${run.operation} failed: ${facts.error}`
  const status = (endpoint: unknown): unknown => dataOf(endpoint).status
  const parts: [string, unknown][] = [
    ['alias', facts.alias],
    ['tunnel_id', facts.tunnel_id],
    ['healthz', status(facts.healthz)],
    ['readyz', status(facts.readyz)],
  ]
  const said = parts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return `${run.operation} complete.${said.map(([key, value]) => ` ${key}=${value}`).join('')}`
}

function diagnostics(run: ToolRun, native: Data, local: Data): Data | null {
  const log = dataOf(local.log)
  const given = native.launch_diagnostics
  if (run.problem === null && (given === null || given === undefined)) return null
  const facts = {
    ...dataOf(given),
    ...(run.exitCode === null || run.exitCode === 0 ? {} : {exit_code: run.exitCode}),
    ...(run.stderr === '' ? {} : {stderr: run.stderr}),
    ...(run.native === null && run.stdout !== '' ? {stdout: run.stdout} : {}),
    ...(log.path ? {log_path: log.path} : {}),
    ...(log.tail ? {log_tail: log.tail} : {}),
  }
  return Object.keys(facts).length === 0 ? null : facts
}

/** The command of the MCP server may say things that concern nobody. */
const masked = (command: readonly string[]): string[] =>
  command.map((word) => word.replace(/^(--mcp-command=).*/s, '$1[REDACTED]'))

const firstWord = (line: string): string | null =>
  /^'([^']*)'|^"([^"]*)"|^(\S+)/.exec(line.trim())?.slice(1).find(Boolean) ?? null

const dataOf = (value: unknown): Data => (typeof value === 'object' && value !== null ? (value as Data) : {})
