// Is the recorded process still the one that was started? A pid alone proves nothing: the system gives it away again.

import {resolve} from 'node:path'
import type {DaemonAnswers} from '../../live/index.ts'
import type {ProcessRecord} from '../state/records.ts'
import {type ProcessFacts, processFacts} from './process-facts.ts'

/** Who the recorded pid is. Only `ours` may be signalled. */
export type Identity =
  | {readonly state: 'none' | 'gone'}
  | {readonly state: 'foreign'; readonly pid: number; readonly why: string}
  | {readonly state: 'ours'; readonly pid: number; readonly facts: ProcessFacts}

/** The clock of the record and that of the system may differ by this much, in milliseconds. */
const CLOCK_SLACK_MS = 2000

/** What is compared. */
export interface IdentityQuestion {
  readonly record: ProcessRecord | null
  /** Of the alias's own health URL; null when nobody was asked. */
  readonly answers: DaemonAnswers | null
}

/**
 * Judges the recorded pid. Who started more than two seconds after the record is somebody else; who started earlier is ours
 * only if the daemon at our health URL says so or the command line names this profile.
 */
export async function identify({record, answers}: IdentityQuestion): Promise<Identity> {
  const pid = record?.pid ?? 0
  if (record === null || pid <= 1) return {state: 'none'}
  const facts = await processFacts(pid)
  if (facts === null) return {state: 'gone'}
  const recorded = Date.parse(record.started_at)
  if (facts.startedAt !== null && facts.startedAt > recorded + CLOCK_SLACK_MS) {
    return {state: 'foreign', pid, why: `process ${pid} started after the runtime did: its number was given away again`}
  }
  const said = !namesAnotherProfile(facts, record) && isSaidBy(answers, record, pid)
  if (said || namesProfile(facts, record)) return {state: 'ours', pid, facts}
  return {state: 'foreign', pid, why: `process ${pid} does not run profile ${record.profile_name ?? record.alias}`}
}

/**
 * The daemon at the alias's own URL when no record leads to it: somebody was interrupted between starting and recording
 * it. It is ours when its command line names the profile.
 */
export async function identifyUnrecorded({record, answers}: IdentityQuestion): Promise<Identity> {
  const pid = answers?.status?.pid
  if (record === null || typeof pid !== 'number' || answers?.status?.control_plane_tunnel_id !== record.tunnel_id) {
    return {state: 'none'}
  }
  const facts = await processFacts(pid)
  return facts !== null && namesProfile(facts, record) ? {state: 'ours', pid, facts} : {state: 'none'}
}

/** True when the command line is `… run … --profile-dir <dir> … --profile <name>` of this record. */
export function namesProfile({argv}: ProcessFacts, record: ProcessRecord): boolean {
  if (argv === null || !argv.includes('run') || !record.profile_name || !record.profile_dir) return false
  const {profile_dir: dir, profile_name: name} = record
  const running = valueAfter(argv, '--profile-dir')
  // Blanks in a folder name cut it in pieces where only `ps` can be asked.
  const same = running !== undefined && (running === dir || resolve(running) === resolve(dir))
  const joined = argv.join(' ')
  return (same && valueAfter(argv, '--profile') === name) || joined.includes(`--profile-dir ${dir} --profile ${name}`)
}

/** True for the daemon of another profile: a health URL file that leads to it is an old one. */
function namesAnotherProfile({argv}: ProcessFacts, {profile_name}: ProcessRecord): boolean {
  const running = argv?.includes('run') ? valueAfter(argv, '--profile') : undefined
  return running !== undefined && running !== profile_name
}

function valueAfter(argv: readonly string[], flag: string): string | undefined {
  const at = argv.indexOf(flag)
  return at === -1 ? argv.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : argv[at + 1]
}

/** True when the daemon at our URL serves the recorded tunnel as this process, or as its child. */
function isSaidBy(answers: DaemonAnswers | null, record: ProcessRecord, pid: number): boolean {
  const status = answers?.status
  if (!status || status.control_plane_tunnel_id !== record.tunnel_id) return false
  return status.pid === pid || status.supervisor_pid === pid
}
