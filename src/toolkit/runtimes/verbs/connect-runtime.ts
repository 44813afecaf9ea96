// `runtimes connect`: the daemon of an alias runs, with these settings. It starts one, keeps the one that runs so, or
// replaces one that runs otherwise; it never lets a record or profile say something else than what runs.

import {statSync} from 'node:fs'
import {realpath} from 'node:fs/promises'
import {TunnelError} from '../../../foundation/errors/index.ts'
import type {DetachedProcess} from '../../../foundation/platform/index.ts'
import {absoluteCommand, absoluteReference} from '../../profiles/index.ts'
import type {RuntimesContext} from '../context.ts'
import {type LocalRuntime, lookAtOne} from '../local/look.ts'
import {requireHere} from '../local/require-here.ts'
import {runtimeEnvironment} from '../process/child-environment.ts'
import {identityOf} from '../process/identity.ts'
import {launchRuntime, quotedCommand, runtimeArgv} from '../process/launch.ts'
import {processFacts} from '../process/process-facts.ts'
import {checkKeyReference, readKey} from '../profile/key-reference.ts'
import {
  findProfile,
  healthUrlFileOf,
  logFileOf,
  type ProfilePlace,
  profileDrift,
  profilePlace,
  renderRuntimeProfile,
  writeRuntimeProfile,
} from '../profile/runtime-profile.ts'
import {type RuntimeTarget, readTarget} from '../profile/target.ts'
import {type AdminContext, type AdminFlags, adminContext} from '../remote/admin-context.ts'
import {tunnelFor} from '../remote/connect-tunnel.ts'
import {rememberAdmin} from '../remote/remember-admin.ts'
import type {TunnelJson} from '../remote/remote-tunnels.ts'
import {checkScope, type TunnelWish} from '../remote/resolve-tunnel.ts'
import {withAliasLock} from '../state/alias-lock.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {appendHistory, utcSeconds} from '../state/history.ts'
import {changeRecords, own, type ProcessRecord, readRecords} from '../state/records.ts'
import {ensureStateFolders} from '../state-root.ts'
import {type ConnectReport, connectReport} from './connect-report.ts'
import {aliasRecord} from './create-alias.ts'
import {endRuntime, type StopOptions} from './stop-runtime.ts'
import {type WaitProgress, waitForRuntime} from './wait-for-runtime.ts'

/** What `connect` takes. */
export interface ConnectOptions extends TunnelWish, AdminFlags, Pick<StopOptions, 'onProgress'> {
  readonly tunnelId?: string | undefined
  readonly profile?: string | undefined
  readonly profileDir?: string | undefined
  readonly serverUrl?: string | undefined
  readonly command?: string | undefined
  /** Reference to the runtime key. */
  readonly runtimeKey?: string | undefined
  readonly tunnelClientBin?: string | undefined
  /** `healthy`: it answers. `ready`: a poll was accepted and the MCP server answered. */
  readonly until: 'healthy' | 'ready'
  /** How long that may take, in milliseconds. */
  readonly waitMs: number
  readonly onWait?: (progress: WaitProgress) => void
}

/** How the process came to run. */
export interface Launch {
  readonly launched: boolean
  readonly mode: 'process' | 'tmux'
  readonly record: ProcessRecord
  readonly child: DetachedProcess | null
  /** What an earlier process of the alias ran otherwise; empty: it was kept, or there was none. */
  readonly drift: readonly string[]
}

/** Connects. Not healthy in time is a report, not an exception. */
export async function connectRuntime(options: ConnectOptions, context: RuntimesContext): Promise<ConnectReport> {
  checkProgram(options.tunnelClientBin, context)
  const alias = normalizeAlias(options.alias)
  const wish = {...options, alias}
  checkScope('connect', wish)
  const {env, cwd, root} = context
  const place = profilePlace({alias, name: options.profile, dir: options.profileDir, env, cwd})
  const given = readTarget({serverUrl: options.serverUrl ?? '', command: options.command ?? ''})
  const {text, notes: inCommand} =
    given.kind === 'command' ? absoluteCommand(given.value, {cwd, env}) : {text: given.value, notes: []}
  const target = {...given, value: text}
  const {text: keyReference, notes: inKey} = absoluteReference(runtimeKeyReference(options.runtimeKey), {cwd, env})
  await ensureStateFolders(root)
  const {tunnel, admin, launch, remoteError} = await withAliasLock({root, alias, signal: context.signal}, async () => {
    const previous = own((await readRecords(root)).aliases, alias)
    const admin = await adminContext(context, options, previous?.admin_profile)
    const found = await tunnelFor(wish, {tunnelId: options.tunnelId, keyReference, context, admin, previous})
    const launch = await run({alias, place, target, keyReference, tunnel: found.tunnel, admin, options, context})
    return {...found, admin, launch}
  })
  const {runtime, exitStatus} = await waitForRuntime(alias, {
    until: options.until,
    waitMs: options.waitMs,
    child: launch.child,
    context,
    onWait: options.onWait,
  })
  launch.child?.forget()
  const notes = [...inCommand, ...inKey]
  const report = await connectReport({runtime, tunnel, admin, launch, exitStatus, remoteError, notes, context})
  const {healthy, ready} = report
  await appendHistory(root, {
    action: 'connect',
    alias,
    tunnelId: tunnel.id,
    detail: `mode=${launch.mode} session=${launch.record.session_name || '-'} pid=${launch.record.pid ?? 0} started=${healthy} healthy=${healthy} ready=${ready}`,
  })
  return report
}

interface RunOrder {
  readonly alias: string
  readonly place: ProfilePlace
  readonly target: RuntimeTarget
  readonly keyReference: string
  readonly tunnel: TunnelJson
  readonly admin: AdminContext
  readonly options: ConnectOptions
  readonly context: RuntimesContext
}

/** Keeps, replaces or starts, and records it. Everything that can be refused is refused before anything is changed. */
async function run(order: RunOrder): Promise<Launch> {
  const {alias, place, target, keyReference, tunnel, admin, options, context} = order
  const {root, env} = context
  const found = await findProfile(place.path, {alias, root})
  if (found.state === 'foreign') {
    throw new TunnelError(
      'TC-RUNTIME-PROFILE',
      `${place.path} is not a profile of runtime ${alias} and stays as it is`,
      {
        next: ['Choose another name with --profile, or another folder with --profile-dir'],
      },
    )
  }
  const before = found.state === 'ours' ? found.content : {}
  const settings = {
    alias,
    tunnelId: tunnel.id,
    baseUrl: admin.baseUrl,
    urlPath: admin.urlPath,
    apiKey: keyReference,
    target,
  }
  const content = renderRuntimeProfile(settings, root, before)
  const runtime = await lookAtOne(alias, context)
  requireHere(runtime, 'connect', context.realm.name)
  const drift = runtime.alive ? driftOf(runtime, place, profileDrift(before, content)) : []
  const keep = runtime.alive && drift.length === 0
  if (!keep) await readKey(keyReference, env)
  if (!keep && runtime.alive) await replace(runtime, {tunnelId: tunnel.id, options, context})
  if (!keep) await writeRuntimeProfile(place.path, content)
  await rememberAdmin(context, admin)
  const paths = {
    config_path: place.path,
    profile_name: place.name,
    profile_dir: place.dir,
    profile_path: place.path,
    health_url_file: healthUrlFileOf(alias, root),
  }
  await changeRecords(root, alias, ({alias: now}) => ({
    alias: {...aliasRecord({alias, tunnel, admin: admin.name, description: options.description, kept: now}), ...paths},
  }))
  const logFile = logFileOf(alias, root)
  const argv = runtimeArgv(context.program, place)
  const record = {
    alias,
    tunnel_id: tunnel.id,
    ...paths,
    target_kind: target.kind,
    target_value: target.value,
    command: quotedCommand(argv),
    admin_profile: admin.name,
    log_path: logFile,
  }
  if (keep) return {launched: false, drift, child: null, ...(await keepRunning(runtime, record, context))}
  const child = await launchRuntime({
    argv,
    env: runtimeEnvironment(env, keyReference),
    cwd: context.cwd,
    healthUrlFile: paths.health_url_file,
    logFile,
  })
  const started = {
    ...record,
    started_at: utcSeconds(),
    mode: 'process',
    pid: child.pid,
    ...(await identityMembers(child.pid, argv[0], context)),
  }
  await changeRecords(root, alias, () => ({process: started}))
  return {launched: true, mode: 'process', record: started, child, drift}
}

/** What tells this process from every other one: its birth, its program, and where its pid counts. */
async function identityMembers(
  pid: number,
  program: string,
  {realm}: RuntimesContext,
): Promise<Pick<ProcessRecord, 'host' | 'process_identity'>> {
  const facts = await processFacts(pid)
  const executable = await realpath(program).catch(() => null)
  // The program is known before the launcher has become it.
  const identity = facts === null ? undefined : identityOf({...facts, executable})
  return {host: realm, ...(identity === undefined ? {} : {process_identity: identity})}
}

type NewRecord = Omit<ProcessRecord, 'started_at'>

/** Records what runs already; a process that was started and never recorded gets its record now. */
async function keepRunning(
  runtime: LocalRuntime,
  record: NewRecord,
  {root, realm}: RuntimesContext,
): Promise<Pick<Launch, 'mode' | 'record'>> {
  const {process, identity, tmux} = runtime
  if (tmux.running && process !== null) return {mode: 'tmux', record: process}
  const pid = identity.state === 'ours' ? identity.pid : 0
  if (process !== null && process.pid === pid && process.mode === 'process') return {mode: 'process', record: process}
  const startedAt = identity.state === 'ours' ? identity.facts.startedAt : null
  const birth = identity.state === 'ours' ? identityOf(identity.facts) : undefined
  const kept = {
    ...record,
    started_at: utcSeconds(startedAt ?? undefined),
    mode: 'process',
    pid,
    host: realm,
    ...(birth === undefined ? {} : {process_identity: birth}),
  }
  await changeRecords(root, runtime.name, () => ({process: kept}))
  return {mode: 'process', record: kept}
}

/** What the running process does otherwise than asked. */
function driftOf({process, alias}: LocalRuntime, place: ProfilePlace, settings: readonly string[]): string[] {
  const running = process?.profile_path || alias?.profile_path
  return running === undefined || running === '' || running === place.path ? [...settings] : ['profile']
}

async function replace(
  runtime: LocalRuntime,
  {tunnelId, options, context}: {tunnelId: string; options: ConnectOptions; context: RuntimesContext},
): Promise<void> {
  const old = runtime.process?.tunnel_id ?? runtime.alias?.tunnel_id ?? ''
  if (old !== tunnelId) {
    const detail = `replacing with tunnel_id=${tunnelId}`
    await appendHistory(context.root, {action: 'stale-process', alias: runtime.name, tunnelId: old, detail})
  }
  const {why} = await endRuntime(runtime, {...options, context})
  if (why !== '') {
    throw new TunnelError('TC-RUNTIME-STOP', `the old process of ${runtime.name} could not be replaced: ${why}`)
  }
}

function runtimeKeyReference(given: string | undefined): string {
  const reference = checkKeyReference(given?.trim() || 'env:CONTROL_PLANE_API_KEY', 'runtime api_key')
  if (reference !== 'env:OPENAI_ADMIN_KEY') return reference
  throw new TunnelError('TC-RUNTIME-KEY', 'the admin key is no runtime key: a runtime never gets it', {
    next: ['Give a runtime key with --runtime-api-key env:NAME'],
  })
}

/** The reference takes no other program than itself. */
function checkProgram(given: string | undefined, {program}: RuntimesContext): void {
  const path = given?.trim() ?? ''
  if (path === '') return
  const asked = statSync(path, {throwIfNoEntry: false})
  const own = statSync(program.at(-1)!, {throwIfNoEntry: false})
  if (asked !== undefined && own !== undefined && asked.dev === own.dev && asked.ino === own.ino) return
  throw new TunnelError('TC-CLI-USAGE', '--tunnel-client-bin only accepts the current tunnel-client executable')
}
