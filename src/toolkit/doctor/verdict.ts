// One line that names the true cause: the lowest broken rung of the first broken ladder.

import {FAILURES, type FailureClass, type Who} from '../../foundation/errors/index.ts'
import {codeOf, whoOf} from './attribution.ts'
import {type LadderRung, type Row, rowKey} from './check.ts'

/** The cause. `code` to `who` are absent when all is well. */
export interface Verdict {
  readonly code?: string
  readonly destination?: string
  readonly rung?: LadderRung
  readonly failure_class?: FailureClass
  readonly who?: readonly Who[]
  readonly line: string
}

/** What a verdict is drawn from. */
export interface VerdictInput {
  readonly rows: readonly Row[]
  /** The rows that make the result `fail`. */
  readonly failed: readonly Row[]
  readonly offline: boolean
  readonly interrupted: boolean
  /** Only a part was asked for. */
  readonly partial: boolean
}

const WHO: Readonly<Record<Who, string>> = {you: 'You', it: 'IT', service: 'Service', mcp_vendor: 'MCP vendor'}

/** Finds the cause among the rows that failed. */
export function verdictOf(input: VerdictInput): Verdict {
  const cause = causeOf(input.failed)
  if (cause === undefined) return {line: input.interrupted ? 'Interrupted: nothing broken so far' : healthyLine(input)}
  const code = codeOf(cause)
  const who = whoOf(cause)
  return {
    ...(code === undefined ? {} : {code}),
    ...(cause.destination === null ? {} : {destination: cause.destination}),
    ...(cause.rung === null ? {} : {rung: cause.rung}),
    ...(cause.failure === undefined ? {} : {failure_class: cause.failure}),
    ...(who.length === 0 ? {} : {who}),
    line: causeLine(cause, who),
  }
}

/**
 * Configuration and this machine first, then the control plane, then `main`, then the rest. Summaries of a ladder stand
 * behind its own rungs, and FAIL before UNKNOWN.
 */
function causeOf(failed: readonly Row[]): Row | undefined {
  const rank = (row: Row): number => {
    // It says what the others explain.
    if (row.id === 'running_daemon') return 5
    if (row.destination === 'control_plane') return 1
    if (row.destination === 'mcp:main' || row.id === 'mcp_command_executable') return 2
    if (row.id === 'mcp_server_reachable' || row.id === 'oauth_metadata') return 3
    return row.destination === null ? 0 : 4
  }
  const key = (row: Row): number => rank(row) * 10 + (row.status === 'FAIL' ? 0 : 100)
  return failed.toSorted((a, b) => key(a) - key(b))[0]
}

function causeLine(cause: Row, who: readonly Who[]): string {
  const subject = cause.destination === null ? cause.id : namesOf(cause.destination)
  const actor = who.length === 0 ? '' : `${who.map((name) => WHO[name]).join(' or ')}: `
  const what = cause.failure === undefined ? cause.summary : FAILURES[cause.failure].title
  const seen = cause.failure === undefined ? '' : (cause.raw ?? cause.summary)
  const hop = cause.hop === undefined ? '' : `, seen at ${cause.hop.address}`
  const next = cause.next[0] === undefined ? '' : ` Next: ${lowered(cause.next[0])}`
  return oneLine(`${actor}${subject}: ${what}${hop}${seen === '' ? '' : `: ${withoutHost(seen, cause)}`}.${next}`)
}

/** `127.0.0.1 ECONNREFUSED` at `127.0.0.1:8080` is said once. */
function withoutHost(raw: string, {hop}: Row): string {
  const host = hop?.address.replace(/:\d+$/, '') ?? ''
  return host !== '' && raw.startsWith(`${host} `) ? raw.slice(host.length + 1) : raw
}

const lowered = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text[0]?.toLowerCase() + text.slice(1) : text)

function healthyLine({rows, offline, partial}: VerdictInput): string {
  if (partial) return `OK: nothing wrong found in what was asked for (${rows.map(rowKey).join(', ')})`
  if (offline) return 'OK: nothing wrong found on this machine; nothing was asked over the network'
  const rungs = rows.filter((row) => row.destination === 'control_plane' && row.status === 'PASS')
  const notes: string[] = []
  const auth = rungs.find((row) => row.id === 'auth')
  if (auth) notes.push(auth.source === 'daemon' ? 'control plane by the running daemon' : `control plane ${auth.ms} ms`)
  for (const row of rows) {
    if (row.id !== 'protocol' || row.status !== 'PASS' || row.destination === null) continue
    const tools = row.facts?.tools
    const said = typeof tools === 'number' ? `${tools} ${tools === 1 ? 'tool' : 'tools'}` : row.summary
    notes.push(`${row.destination.replace(/^mcp:/, '')} ${said}`)
  }
  const warnings = rows.filter((row) => row.status === 'WARN').map(rowKey)
  const tail = warnings.length === 0 ? '' : `; look at ${warnings.join(', ')}`
  return `OK: a call would work now${notes.length === 0 ? '' : ` (${notes.join(', ')})`}${tail}`
}

const namesOf = (destination: string): string =>
  destination === 'control_plane' ? 'control plane' : destination.replace(/^mcp:/, 'MCP server ')

const oneLine = (text: string): string => text.replaceAll(/(?<!\s)\s*\n\s*/g, ' ').replaceAll(/\.\.+/g, '.')
