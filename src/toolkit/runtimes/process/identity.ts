// Is the recorded process still the one that was started? A pid alone proves nothing: the system gives it away again.

import {resolve} from 'node:path'
import type {PidRealm} from '../../../foundation/platform/index.ts'
import type {DaemonAnswers} from '../../live/index.ts'
import type {ProcessIdentity, ProcessRecord} from '../state/records.ts'
import {type ProcessFacts, processFacts} from './process-facts.ts'
import {whereabouts} from './realm.ts'

/** Who the recorded pid is. Only `ours` may be signalled. */
export type Identity =
  | {readonly state: 'none' | 'gone'}
  /** The pid is of another host or container: nothing is known of it here. */
  | {readonly state: 'elsewhere'; readonly host: string}
  | {readonly state: 'foreign'; readonly pid: number; readonly why: string}
  | {readonly state: 'ours'; readonly pid: number; readonly facts: ProcessFacts}

/** The clock of the record and that of the system may differ by this much, in milliseconds. */
const CLOCK_SLACK_MS = 2000

/** What is compared. */
export interface IdentityQuestion {
  readonly record: ProcessRecord | null
  /** Of the alias's own health URL; null when nobody was asked. */
  readonly answers: DaemonAnswers | null
  /** This host or container. */
  readonly realm: PidRealm
}

/** What a record keeps of a process; undefined where the system does not tell. */
export const identityOf = ({birth, executable}: ProcessFacts): ProcessIdentity | undefined =>
  birth === null || executable === null ? undefined : {start_time: birth, executable}

/**
 * Judges the recorded pid. A recorded identity decides alone: birth and program are the same whatever happens to the clock.
 * Without one, a process that started more than two seconds after the record is another one; one that started earlier is
 * ours only if the daemon at our health URL says so or the command line names this profile.
 */
export async function identify({record, answers, realm}: IdentityQuestion): Promise<Identity> {
  const pid = record?.pid ?? 0
  const where = whereabouts(record, realm)
  if (record?.host !== undefined && where === 'elsewhere') return {state: 'elsewhere', host: record.host.name}
  if (record === null || pid <= 1) return {state: 'none'}
  const facts = where === 'gone' ? null : await processFacts(pid)
  if (facts === null) return {state: 'gone'}
  if (isComplete(record.process_identity) && facts.birth !== null) {
    if (isSame(facts, record.process_identity)) return {state: 'ours', pid, facts}
    return {
      state: 'foreign',
      pid,
      why: `process ${pid} is not the one that was started: its number was given away again`,
    }
  }
  const recorded = Date.parse(record.started_at)
  if (facts.startedAt !== null && facts.startedAt > recorded + CLOCK_SLACK_MS) {
    return {state: 'foreign', pid, why: `process ${pid} started after the runtime did: its number was given away again`}
  }
  const said = !namesAnotherProfile(facts, record) && isSaidBy(answers, record, pid)
  if (said || namesProfile(facts, record)) return {state: 'ours', pid, facts}
  return {state: 'foreign', pid, why: `process ${pid} does not run profile ${record.profile_name ?? record.alias}`}
}

const isComplete = (identity: ProcessIdentity | undefined): identity is ProcessIdentity =>
  Boolean(identity?.start_time && identity.executable)

/** The program of another user's process cannot be read; its birth can. */
const isSame = ({birth, executable}: ProcessFacts, recorded: ProcessIdentity): boolean =>
  birth === recorded.start_time && (executable === null || executable === recorded.executable)

/**
 * The daemon at the alias's own URL when no record leads to it: somebody was interrupted between starting and recording
 * it. It is ours when its command line names the profile.
 */
export async function identifyUnrecorded({record, answers}: Omit<IdentityQuestion, 'realm'>): Promise<Identity> {
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
