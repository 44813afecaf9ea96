// `runtimes stop`: lets a runtime finish its calls, then makes sure that it is gone. The record forgets the process only
// when it has ended.

import {removeFile} from '../../../foundation/platform/index.ts'
import type {RuntimesContext} from '../context.ts'
import {localDetails} from '../local/details.ts'
import {type LocalRuntime, lookAtOne} from '../local/look.ts'
import {requireHere} from '../local/require-here.ts'
import {type DrainProgress, endProcess} from '../process/end.ts'
import {namesProfile} from '../process/identity.ts'
import {patienceOf} from '../process/patience.ts'
import {processFacts} from '../process/process-facts.ts'
import {killTmuxSession, tmuxSessions} from '../process/tmux.ts'
import {type AdminFlags, adminContext} from '../remote/admin-context.ts'
import {withAliasLock} from '../state/alias-lock.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {appendHistory} from '../state/history.ts'
import {changeRecords, own, readRecords} from '../state/records.ts'
import {unknownAlias} from './runtime-status.ts'
import {type StatusReport, statusReport} from './status-report.ts'

/** What `stop` takes. */
export interface StopOptions extends AdminFlags {
  readonly alias: string
  /** How long calls may finish, in milliseconds; left out: as long as the daemon gives them, and a little more. */
  readonly patienceMs?: number | undefined
  readonly onProgress?: (progress: DrainProgress) => void
}

/** The status payload and how stopping went. */
export interface StopReport extends StatusReport {
  readonly already_stopped: boolean
  readonly stopped: boolean
  /** Why it still lives; empty when it does not. */
  readonly stop_error: string
  /** It did not end by itself in time. */
  readonly forced: boolean
  /** Why a recorded process was not touched; empty when there was none of others. */
  readonly left_alone: string
}

/** Stops it. A runtime that would not die is a report with `stop_error`, not an exception. */
export async function stopRuntime(options: StopOptions, context: RuntimesContext): Promise<StopReport> {
  const alias = normalizeAlias(options.alias)
  const known = await readRecords(context.root)
  const record = own(known.aliases, alias)
  if (record === undefined && own(known.processes, alias) === undefined) throw unknownAlias(alias)
  const admin = await adminContext(context, options, record?.admin_profile)
  const outcome = await withAliasLock({root: context.root, alias, signal: context.signal}, async () => {
    const runtime = await lookAtOne(alias, context)
    requireHere(runtime, 'stop', context.realm.name)
    return await endRuntime(runtime, {...options, context})
  })
  const detail = outcome.why || (outcome.already ? 'already stopped' : outcome.forced ? 'forced' : '')
  await appendHistory(context.root, {action: 'stop', alias, tunnelId: record?.tunnel_id ?? '', detail})
  const after = await lookAtOne(alias, context)
  const remote = {
    tunnel: null,
    stale: false,
    error: '',
    attempted: false,
    authKind: '',
    authRef: '',
    skippedReason: 'stop is a local-only operation',
  }
  const local = await localDetails(after, context)
  const report = statusReport(after, {local, admin, remote})
  const {already: already_stopped, why: stop_error, forced, leftAlone: left_alone} = outcome
  return {...report, already_stopped, stopped: stop_error === '', stop_error, forced, left_alone}
}

/** How ending went; `why` is empty when nothing of it lives any more. */
export interface EndOutcome {
  readonly already: boolean
  readonly forced: boolean
  readonly why: string
  /** Why the recorded process was not touched; empty when it was, or when there is none. */
  readonly leftAlone: string
}

/** Ends what runs for an alias and records that. The caller holds the lock of the alias. */
export async function endRuntime(
  runtime: LocalRuntime,
  options: Pick<StopOptions, 'patienceMs' | 'onProgress'> & {readonly context: RuntimesContext},
): Promise<EndOutcome> {
  const {context} = options
  const {identity} = runtime
  const leftAlone = identity.state === 'foreign' ? identity.why : ''
  const outcome = {...(await end(runtime, options)), leftAlone}
  if (outcome.why !== '') return outcome
  await removeFile(runtime.healthUrlFile)
  await changeRecords(context.root, runtime.name, ({process}) => {
    if (process === null) return {}
    const {pid: _pid, session_name: _session, process_identity: _identity, host: _host, ...rest} = process
    return {process: {...rest, mode: 'stopped'}}
  })
  return outcome
}

async function end(
  runtime: LocalRuntime,
  {patienceMs, onProgress, context}: Pick<StopOptions, 'patienceMs' | 'onProgress'> & {context: RuntimesContext},
): Promise<Omit<EndOutcome, 'leftAlone'>> {
  const {identity, tmux, process, healthUrl} = runtime
  const {door} = context
  const asked = runtime.answersAreOurs ? healthUrl : ''
  const ending = {
    healthUrl: asked,
    door,
    patienceMs: patienceMs ?? (await patienceOf(asked, door)),
    onProgress: onProgress ?? (() => {}),
    signal: context.signal,
  }
  let forced = false
  if (tmux.running) {
    for (const pid of tmux.pids) {
      const facts = await processFacts(pid)
      if (facts === null || process === null || !namesProfile(facts, process)) continue
      const ended = await endProcess({...ending, facts})
      if (!ended.ended) return {already: false, forced: true, why: ended.why}
      forced ||= ended.forced
    }
    // The session ends with its last pane; what else sits in it is ended by tmux.
    if ((await tmuxSessions(context.env)).has(tmux.session_name)) {
      const why = await killTmuxSession(tmux.session_name, context.env)
      if (why !== null) return {already: false, forced, why}
    }
  }
  if (identity.state === 'ours') {
    const ended = await endProcess({...ending, facts: identity.facts})
    return ended.ended
      ? {already: false, forced: forced || ended.forced, why: ''}
      : {already: false, forced: true, why: ended.why}
  }
  if (tmux.running) return {already: false, forced, why: ''}
  if (runtime.answersAreOurs) {
    return {
      already: false,
      forced,
      why: `the daemon at ${healthUrl} is no process of this user here; stop it where it runs`,
    }
  }
  return {already: true, forced, why: ''}
}
