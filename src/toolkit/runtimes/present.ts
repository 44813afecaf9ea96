// Results of the runtimes room for people. A pipe gets the reference's lines, which scripts cut at tabs.

import {type Block, code, heading, note, table, text} from '../../foundation/platform/index.ts'
import type {DrainProgress} from './process/end.ts'
import type {CleanupReport} from './verbs/cleanup-runtimes.ts'
import type {ConnectReport} from './verbs/connect-report.ts'
import type {RuntimeList} from './verbs/list-runtimes.ts'
import type {StatusReport} from './verbs/status-report.ts'
import type {StopReport} from './verbs/stop-runtime.ts'
import type {WaitProgress} from './verbs/wait-for-runtime.ts'

/** `list`, what this machine knows: tab-separated in a pipe, a table on a terminal. */
export function localListBlocks({aliases}: RuntimeList, {tty}: {tty: boolean}): Block[] {
  if (aliases.length === 0) return []
  if (!tty) return [text(aliases.map((entry) => [entry.alias, entry.tunnel_id]))]
  const rows = aliases.map((entry) => [
    entry.alias,
    entry.runtime_state ?? '-',
    entry.tunnel_id,
    String(entry.profile_name),
    entry.runtime_reason ?? '',
  ])
  const named = rows.some((row) => row[4] !== '')
  const columns = ['ALIAS', 'STATE', 'TUNNEL', 'PROFILE', 'WHY']
  return [
    table(
      columns.slice(0, named ? 5 : 4),
      rows.map((row) => row.slice(0, named ? 5 : 4)),
    ),
  ]
}

/** `list`, what the service added. */
export function remoteListBlocks(
  {aliases, state_root, remote_tunnels = []}: RuntimeList,
  {tty}: {tty: boolean},
): Block[] {
  if (remote_tunnels.length === 0) {
    return aliases.length === 0 ? [text(`No runtime aliases found in ${state_root}`)] : []
  }
  if (!tty) return []
  const remote = table(
    ['TUNNEL', 'NAME', 'ALIAS'],
    remote_tunnels.map(({id, name, local_alias}) => [id, name, local_alias === '' ? '-' : local_alias]),
  )
  return [heading('At the tunnel service'), remote]
}

/** `status`: the reference's line, and on a terminal what is wrong. */
export function statusBlocks(report: StatusReport, {tty}: {tty: boolean}): Block[] {
  const line = text([[report.alias, report.runtime_state, report.tunnel_id]])
  if (!tty) return [line]
  return [
    line,
    ...report.local.issues.map((issue) => note(issue, 'warn')),
    ...(report.remote_error === '' ? [] : [note(`tunnel service: ${report.remote_error}`, 'warn')]),
    ...report.repair_actions.filter(({id}) => id !== 'inspect').map(({command}) => code(command)),
  ]
}

/** `connect`, when it has worked. */
export function connectedBlocks(report: ConnectReport): Block[] {
  return [
    note(`Connected ${report.alias} using ${report.mode} mode`),
    ...(report.notes ?? []).map((one) => note(`Note: ${one}`)),
    ...(report.ready ? [] : notReady(report)),
    ...(report.drift.length === 0 ? [] : [note(`Replaced the process that ran before: ${changed(report.drift)}`)]),
    ...(report.remote_error === ''
      ? []
      : [note(`The tunnel service has not confirmed it: ${report.remote_error}`, 'warn')]),
    ...report.warnings.map((one) => note(`Warning: ${one}`, 'warn')),
  ]
}

/** It answers, and no call would work now. */
const notReady = ({alias, runtime_state, local}: ConnectReport): Block[] => [
  note(`${alias} is ${runtime_state}, not ready: ${saidNotReady(local) || 'no reason is known yet'}`, 'warn'),
  code(`tunnel-client runtimes status ${alias}`),
]

const saidNotReady = ({effective_health: {readyz}}: ConnectReport['local']): string =>
  (readyz.body.split('\n')[0] ?? '').trim() || readyz.error

const changed = (what: readonly string[]): string =>
  `its ${what.join(', ')} ${what.length === 1 ? 'has' : 'have'} changed`

/** `connect`, when the runtime is not what was waited for. */
export function unhealthyBlocks(report: ConnectReport, wanted: 'healthy' | 'ready'): Block[] {
  const {alias, runtime_state, launch_diagnostics: diagnostics, local} = report
  const state =
    diagnostics?.exit_code === undefined ? `is ${runtime_state}` : `ended with status ${diagnostics.exit_code}`
  const said = local.effective_health.readyz.body
  return [
    note(`${alias} ${state}, not ${wanted}${said === '' || said === 'ready' ? '' : `: ${said}`}`, 'fail'),
    ...(diagnostics?.log_tail === undefined
      ? []
      : [text([`${diagnostics.log_path}:`, ...diagnostics.log_tail.split('\n').map((line) => `  ${line}`)])]),
    code(`tunnel-client runtimes status ${alias}`),
  ]
}

/** `stop`, when it has ended. `given` is the alias as it was typed. */
export function stoppedBlocks(report: StopReport, given: string): Block[] {
  const {forced, left_alone} = report
  return [
    text(`Stopped ${given}`),
    ...(left_alone === '' ? [] : [note(`${left_alone}; it was left alone`, 'warn')]),
    ...(forced ? [note('It did not end by itself in time and was killed: calls may be lost', 'warn')] : []),
  ]
}

/** One line about a drain that goes on. */
export function drainLine(alias: string, {callsLeft, msLeft}: DrainProgress): string {
  const limit = `at most ${Math.ceil(msLeft / 1000)} s more`
  if (callsLeft === null) return `${alias}: takes no more calls; closing its connections and MCP servers`
  if (callsLeft === 0) return `${alias}: no calls left; closing its connections and MCP servers`
  return `${alias}: ${callsLeft} ${callsLeft === 1 ? 'call' : 'calls'} left, ${limit}`
}

/** One line about a runtime that is waited for. */
export function waitLine(alias: string, {state, reason, msWaited}: WaitProgress): string {
  return `${alias} is ${state} (${Math.floor(msWaited / 1000)} s)${reason === '' ? '' : `: ${reason}`}`
}

/** `cleanup`. */
export function cleanupBlocks({entries, apply, state_root}: CleanupReport): Block[] {
  if (entries.length === 0) return [text(`No runtime aliases found in ${state_root}`)]
  return [
    text(entries.map(({alias, classification, tunnel_id}) => [alias, classification, tunnel_id])),
    ...(apply ? [] : [text('Nothing was removed. With --apply the entries called stale_alias are.')]),
  ]
}
