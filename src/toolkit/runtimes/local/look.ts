// How one runtime is doing, as this machine alone can tell: records, process, tmux session, and what answers at its own
// health URL. Never writes, never asks a name server; half a second at most.

import {join} from 'node:path'
import type {HttpDoor, PidRealm} from '../../../foundation/platform/index.ts'
import {askDaemon, type DaemonAnswers, readHealthUrlFile} from '../../live/index.ts'
import {type Identity, identify, identifyUnrecorded, namesProfile} from '../process/identity.ts'
import {processFacts} from '../process/process-facts.ts'
import {type TmuxSessions, tmuxSessionName, tmuxSessions} from '../process/tmux.ts'
import {type AliasRecord, own, type ProcessRecord, type Records, readRecords} from '../state/records.ts'
import type {StateRoot} from '../state-root.ts'

/** The reference's words, and `unknown`: it was started on another host or in another container. */
export type RuntimeState = 'stopped' | 'starting' | 'healthy' | 'ready' | 'unknown'

/** One runtime at one moment. */
export interface LocalRuntime {
  readonly name: string
  readonly alias: AliasRecord | null
  readonly process: ProcessRecord | null
  readonly healthUrlFile: string
  /** Content of that file, empty when there is none. */
  readonly healthUrl: string
  readonly answers: DaemonAnswers
  /** The daemon at the health URL is the one of this alias. */
  readonly answersAreOurs: boolean
  /** The process that may be signalled, or why there is none. */
  readonly identity: Identity
  readonly tmux: {readonly session_name: string; readonly running: boolean; readonly pids: readonly number[]}
  /** A process of ours lives, or may live on another host. */
  readonly alive: boolean
  readonly state: RuntimeState
}

/** What looking needs. */
export interface LookContext {
  readonly root: StateRoot
  readonly env: Readonly<Record<string, string | undefined>>
  readonly door: HttpDoor
  readonly realm: PidRealm
}

/** A daemon on this machine answers in a few milliseconds. */
export const PROBE_MS = 400

/** Looks at every alias and every orphaned process record, sorted by name. */
export async function lookAtAll(context: LookContext): Promise<LocalRuntime[]> {
  const records = await readRecords(context.root)
  const names = [...new Set([...Object.keys(records.aliases), ...Object.keys(records.processes)])].toSorted()
  const sessions = await sessionsFor(records, context)
  return await Promise.all(names.map((name) => look(name, {records, sessions, context})))
}

/** Looks at one alias; both records may be null. */
export async function lookAtOne(name: string, context: LookContext): Promise<LocalRuntime> {
  const records = await readRecords(context.root)
  const one = {
    aliases: pick(records.aliases, name),
    processes: pick(records.processes, name),
  }
  return await look(name, {records, sessions: await sessionsFor(one, context), context})
}

const pick = <T>(all: Readonly<Record<string, T>>, name: string): Record<string, T> => {
  const found = own(all, name)
  return found === undefined ? {} : {[name]: found}
}

/** tmux is asked only where a record mentions it. */
const sessionsFor = async ({processes}: Records, {env}: LookContext): Promise<TmuxSessions> =>
  Object.values(processes).some(({mode}) => mode === 'tmux') ? await tmuxSessions(env) : new Map()

async function look(
  name: string,
  {records, sessions, context}: {records: Records; sessions: TmuxSessions; context: LookContext},
): Promise<LocalRuntime> {
  const alias = own(records.aliases, name) ?? null
  const process = own(records.processes, name) ?? null
  const healthUrlFile =
    process?.health_url_file || alias?.health_url_file || join(context.root.healthFolder, `${name}.url`)
  const healthUrl = (await readHealthUrlFile(healthUrlFile)) ?? ''
  const answers = await askDaemon(healthUrl, {door: context.door, timeoutMs: PROBE_MS})
  const record = process ?? (alias === null ? null : recordOf(alias))
  let identity = await identify({record: process, answers, realm: context.realm})
  if (identity.state !== 'ours' && identity.state !== 'elsewhere') {
    const unrecorded = await identifyUnrecorded({record, answers})
    if (unrecorded.state === 'ours') identity = unrecorded
  }
  const session_name = process?.session_name || tmuxSessionName(name, context.root)
  const pids = sessions.get(session_name)
  const tmux = {session_name, running: pids !== undefined, pids: pids ?? []}
  const answersAreOurs = await belongs({answers, record, identity, tmux})
  const elsewhere = identity.state === 'elsewhere'
  const alive = identity.state === 'ours' || tmux.running || answersAreOurs || elsewhere
  return {
    name,
    alias,
    process,
    healthUrlFile,
    healthUrl,
    answers,
    answersAreOurs,
    identity,
    tmux,
    alive,
    state: elsewhere ? 'unknown' : stateOf(alive, answersAreOurs, answers),
  }
}

/** What a process record would say of an alias that has none. */
const recordOf = ({alias, tunnel_id, profile_name, profile_dir}: AliasRecord): ProcessRecord => ({
  alias,
  tunnel_id,
  config_path: '',
  health_url_file: '',
  target_kind: '',
  target_value: '',
  command: '',
  started_at: '',
  ...(profile_name === undefined ? {} : {profile_name}),
  ...(profile_dir === undefined ? {} : {profile_dir}),
})

/** Ports are given away again, too: an answer counts only from our process, our tmux session or our profile. */
async function belongs({
  answers,
  record,
  identity,
  tmux,
}: Pick<LocalRuntime, 'answers' | 'identity' | 'tmux'> & {record: ProcessRecord | null}): Promise<boolean> {
  // A loopback address of another host leads to whatever listens here.
  if (!answers.healthz.ok || record === null || identity.state === 'elsewhere') return false
  const {status} = answers
  if (status === null) return identity.state === 'ours' || tmux.running
  if (record.tunnel_id !== '' && status.control_plane_tunnel_id !== record.tunnel_id) return false
  // The reference tells no pid.
  if (typeof status.pid !== 'number') return identity.state === 'ours' || tmux.running
  const said = [status.pid, status.supervisor_pid]
  if (identity.state === 'ours' && said.includes(identity.pid)) return true
  if (tmux.pids.some((pid) => said.includes(pid))) return true
  const facts = await processFacts(status.pid)
  return facts !== null && namesProfile(facts, record)
}

function stateOf(alive: boolean, ours: boolean, {readyz}: DaemonAnswers): RuntimeState {
  if (!alive) return 'stopped'
  if (!ours) return 'starting'
  return readyz.ok ? 'ready' : 'healthy'
}
