// The two kinds of records, with the reference's members. At run time a record is the object from the file: members that
// nobody here knows stay in it and are written back.

import type {PidRealm} from '../../../foundation/platform/index.ts'
import type {StateRoot} from '../state-root.ts'
import {changeState, isObject, type JsonObject, malformed, readStateFile, sortedByKey} from './state-file.ts'

/** What is known about an alias. Empty strings and lists are left out of the file where the reference does so. */
export interface AliasRecord {
  readonly alias: string
  readonly tunnel_id: string
  readonly name: string
  readonly admin_profile?: string
  readonly description?: string
  readonly organization_ids?: readonly string[]
  readonly workspace_ids?: readonly string[]
  readonly tenant_ids?: readonly string[]
  readonly config_path?: string
  readonly profile_name?: string
  readonly profile_dir?: string
  readonly profile_path?: string
  readonly health_url_file?: string
  readonly updated_at?: string
}

/** What was started for an alias. `mode` is `tmux`, `process` or `stopped`. */
export interface ProcessRecord {
  readonly alias: string
  readonly tunnel_id: string
  readonly config_path: string
  readonly health_url_file: string
  /** `server_url` or `command`. */
  readonly target_kind: string
  readonly target_value: string
  /** The command line that runs, every word in single quotes. */
  readonly command: string
  /** UTC, whole seconds. */
  readonly started_at: string
  readonly admin_profile?: string
  readonly profile_name?: string
  readonly profile_dir?: string
  readonly profile_path?: string
  readonly mode?: string
  readonly session_name?: string
  /** Leader of the runtime's process group. */
  readonly pid?: number
  readonly log_path?: string
  /** Of the process with this pid, since 0.0.14 of the reference: survives every change of the clock. */
  readonly process_identity?: ProcessIdentity
  /** Where the pid means something. Ours alone: the reference drops it when it writes the record. */
  readonly host?: PidRealm
}

/** Birth of a process as its system counts it (Linux: ticks since the boot), and its program. */
export interface ProcessIdentity {
  readonly start_time: string
  readonly executable: string
}

type Kind = 'string' | 'number' | 'strings' | 'texts'
type Members = Readonly<Record<string, {readonly kind: Kind; readonly always: boolean}>>

const always = {kind: 'string', always: true} as const
const text = {kind: 'string', always: false} as const
const texts = {kind: 'strings', always: false} as const
const whole = {kind: 'number', always: false} as const
/** An object of strings. */
const object = {kind: 'texts', always: false} as const

const ALIAS_MEMBERS = {
  alias: always,
  tunnel_id: always,
  name: always,
  admin_profile: text,
  description: text,
  organization_ids: texts,
  workspace_ids: texts,
  tenant_ids: texts,
  config_path: text,
  profile_name: text,
  profile_dir: text,
  profile_path: text,
  health_url_file: text,
  updated_at: text,
} as const satisfies Record<keyof AliasRecord, Members[string]>

const PROCESS_MEMBERS = {
  alias: always,
  tunnel_id: always,
  config_path: always,
  health_url_file: always,
  target_kind: always,
  target_value: always,
  command: always,
  started_at: always,
  admin_profile: text,
  profile_name: text,
  profile_dir: text,
  profile_path: text,
  mode: text,
  session_name: text,
  pid: whole,
  log_path: text,
  process_identity: object,
  host: object,
} as const satisfies Record<keyof ProcessRecord, Members[string]>

/** Records by alias. */
export interface Records {
  readonly aliases: Readonly<Record<string, AliasRecord>>
  readonly processes: Readonly<Record<string, ProcessRecord>>
}

/** Reads both files. @throws TunnelError `TC-STATE-FILE` */
export async function readRecords(root: StateRoot): Promise<Records> {
  const [aliases, processes] = await Promise.all([readStateFile(root.aliasesFile), readStateFile(root.processesFile)])
  return {
    aliases: recordsIn<AliasRecord>(root.aliasesFile, aliases, ALIAS_MEMBERS),
    processes: recordsIn<ProcessRecord>(root.processesFile, processes, PROCESS_MEMBERS),
  }
}

/** What {@link changeRecords} may do to one alias; `null` removes a record. */
export interface RecordChange {
  readonly alias?: AliasRecord | null
  readonly process?: ProcessRecord | null
}

/**
 * Changes the records of one alias under the lock: `change` sees what is there at that moment. Members that the new
 * record does not mention are kept when they are unknown here, and dropped when they are known.
 */
export async function changeRecords(
  root: StateRoot,
  name: string,
  change: (now: {readonly alias: AliasRecord | null; readonly process: ProcessRecord | null}) => RecordChange,
): Promise<void> {
  await changeState(root, async (state) => {
    const files = {
      alias: {path: root.aliasesFile, members: ALIAS_MEMBERS as Members},
      process: {path: root.processesFile, members: PROCESS_MEMBERS as Members},
    }
    const aliases = recordsIn<AliasRecord>(root.aliasesFile, await state.read(root.aliasesFile), ALIAS_MEMBERS)
    const processes = recordsIn<ProcessRecord>(
      root.processesFile,
      await state.read(root.processesFile),
      PROCESS_MEMBERS,
    )
    const change_ = change({alias: own(aliases, name) ?? null, process: own(processes, name) ?? null})
    for (const kind of ['alias', 'process'] as const) {
      const record = change_[kind]
      if (record === undefined) continue
      const {path, members} = files[kind]
      const before = await state.read(path)
      if (record === null && !Object.hasOwn(before, name)) continue
      const others = Object.entries(before).filter(([key]) => key !== name)
      const entry = record === null ? [] : [[name, written(record, before[name], members)] as const]
      state.write(path, sortedByKey(Object.fromEntries([...others, ...entry])))
    }
  })
}

/** The record of `name`; never something inherited. */
export const own = <T>(records: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(records, name) ? records[name] : undefined

function recordsIn<T>(path: string, content: JsonObject, members: Members): Readonly<Record<string, T>> {
  const entries = Object.entries(content).map(([name, value]) => [name, checked(path, value, members)] as const)
  return Object.fromEntries(entries) as Record<string, T>
}

/** A record with its texts filled in. Go reads a missing or null text as empty, and refuses another type. */
function checked(path: string, value: unknown, members: Members): JsonObject {
  const record = value === null ? {} : value
  if (!isObject(record)) throw malformed(path)
  const filled: Record<string, unknown> = {...record}
  for (const [name, {kind, always}] of Object.entries(members)) {
    const member = record[name]
    if (member === undefined || member === null) {
      delete filled[name]
      if (always) filled[name] = ''
    } else if (!fits(member, kind)) throw malformed(path)
  }
  return filled
}

function fits(value: unknown, kind: Kind): boolean {
  if (kind === 'strings') return Array.isArray(value) && value.every((item) => typeof item === 'string')
  if (kind === 'texts') return isObject(value) && Object.values(value).every((item) => typeof item === 'string')
  return kind === 'number' ? Number.isSafeInteger(value) : typeof value === 'string'
}

/** The reference's members in its order, empty optional ones left out; then what nobody here knows. */
function written(record: object, before: unknown, members: Members): JsonObject {
  const given = record as JsonObject
  const known = Object.entries(members).flatMap(([name, {always}]) => {
    const value = given[name] ?? (always ? '' : undefined)
    const empty = value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)
    return empty && !always ? [] : [[name, value] as const]
  })
  const unknown = Object.entries({...(isObject(before) ? before : {}), ...given}).filter(
    ([name]) => !Object.hasOwn(members, name),
  )
  return Object.fromEntries([...known, ...unknown])
}
