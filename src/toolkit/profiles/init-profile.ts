// A first profile from flags: what is saved, `run` accepts. Only what this machine still lacks is a warning.

import {SETUP_PAGES} from '../../foundation/config/index.ts'
import {TunnelError} from '../../foundation/errors/index.ts'
import {shellSyntax, splitArgv} from '../../foundation/platform/index.ts'
import {absoluteValues} from './absolute/absolute-values.ts'
import {invalid, judgeProfile, warningsOf} from './judge-profile.ts'
import {commandDoubts} from './preflight/command-doubts.ts'
import {preflightCommand} from './preflight/preflight-command.ts'
import {type ProfileValues, renderProfile} from './render-profile.ts'
import {profileStore} from './store.ts'

const DEFAULT_NAME = 'sample_mcp_with_dcr'

/** What `init` was given. Blank texts count as not given. */
export interface InitOptions extends Omit<ProfileValues, 'tunnelId'> {
  readonly templates: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly profile?: string | undefined
  readonly sample?: string | undefined
  readonly profileDir?: string | undefined
  readonly force: boolean
  /** Default: the variable CONTROL_PLANE_TUNNEL_ID. */
  readonly tunnelId?: string | undefined
}

/** What was made; also the document of `--json`. */
export interface InitResult {
  readonly profile: string
  readonly path: string
  readonly sample: string
  readonly tunnel_id: string
  /** Where the tunnel service is, when the environment told so: its address, or the path below it. */
  readonly from_env?: Readonly<Record<string, string>>
  /** Paths that were made absolute, one sentence each. */
  readonly notes?: readonly string[]
  /** What will not work yet, one sentence each. */
  readonly warnings: readonly string[]
  /** Commands to go on with. */
  readonly next: readonly string[]
}

/**
 * Makes a profile. Nothing is written when anything is refused.
 * @throws TunnelError `TC-CONFIG-TUNNEL-ID-MISSING`, `TC-PROFILE-SAMPLE`, `TC-PROFILE-INVALID`, `TC-PROFILE-COMMAND`,
 * `TC-PROFILE-EXISTS`, `TC-PROFILE-FILE`, `TC-CONFIG-SOURCE`
 */
export async function initProfile(options: InitOptions): Promise<InitResult> {
  const {templates, env, cwd, force, profileDir} = options
  const tunnelId = options.tunnelId?.trim() || env.CONTROL_PLANE_TUNNEL_ID?.trim() || ''
  if (tunnelId === '') throw tunnelIdMissing()
  const name = options.profile?.trim() || DEFAULT_NAME
  const store = profileStore({env, dir: profileDir})
  const path = store.path(name)
  const sample = options.sample?.trim() || sampleFor(options)
  const service = serviceOf(options)
  const {values, notes} = absoluteValues(options, {cwd, env})
  const text = await renderProfile({templates, sample, values: {...options, ...service.values, ...values, tunnelId}})
  const check = await judgeProfile({path, data: text, env, cwd})
  const refused = check.refused.filter(({code}) => code !== 'TC-CONFIG-UNSUPPORTED')
  const stopAt = (problems: readonly TunnelError[]): void => {
    if (problems.length > 0) throw invalid(problems.map((problem) => asGiven(problem, path)))
  }
  stopAt(check.broken)
  await checkCommand(options)
  stopAt(refused)
  await store.write({name, data: text, force})
  const where = profileDir?.trim() ? ` --profile-dir ${shellWord(profileDir.trim())}` : ''
  return {
    profile: name,
    path,
    sample,
    tunnel_id: tunnelId,
    ...(Object.keys(service.fromEnv).length === 0 ? {} : {from_env: service.fromEnv}),
    ...(notes.length === 0 ? {} : {notes}),
    warnings: [...warningsOf(check), ...commandDoubts(options.mcpCommand)],
    next: ['doctor', 'run'].map((command) => `tunnel-client ${command} --profile ${name}${where}`),
  }
}

/** The tunnel service that the tunnel id belongs to: from the flags, else from the same environment as the id. */
function serviceOf({controlPlaneBaseUrl, controlPlaneUrlPath, env}: InitOptions) {
  const fromEnv: Record<string, string> = {}
  const value = (given: string | undefined, variable: string): string | undefined => {
    const set = env[variable]?.trim() ?? ''
    if (given?.trim() || set === '') return given
    fromEnv[variable] = set
    return set
  }
  const values = {
    controlPlaneBaseUrl: value(controlPlaneBaseUrl, 'CONTROL_PLANE_BASE_URL'),
    controlPlaneUrlPath: value(controlPlaneUrlPath, 'CONTROL_PLANE_URL_PATH'),
  }
  return {values, fromEnv}
}

/** A problem of a file that is not there, as one of what was given: no place in the file, and the flags of `init`. */
function asGiven({code, message, next}: TunnelError, path: string): TunnelError {
  const own = message.replace(`parse config file ${path}: `, '')
  if (code === 'TC-CONFIG-MCP-ENTRY' && own.includes('server')) {
    return new TunnelError(code, own, {next: ['Give --mcp-server-url an http or https address']})
  }
  return new TunnelError(code, own, {
    next: next.map((text) => text.replaceAll(/--(control-plane|mcp|health)\./g, '--$1-')),
  })
}

const sampleFor = ({mcpCommand, mcpServerUrl}: InitOptions): string =>
  mcpCommand?.trim() && !mcpServerUrl?.trim() ? 'sample_mcp_stdio_local' : DEFAULT_NAME

function tunnelIdMissing(): TunnelError {
  const pages = Object.values(SETUP_PAGES).map(({label, url}) => `${label}: ${url}`)
  const text = `tunnel ID is required; set --tunnel-id or CONTROL_PLANE_TUNNEL_ID (${pages.join(', ')})`
  return new TunnelError('TC-CONFIG-TUNNEL-ID-MISSING', text, {
    next: [
      'Get one with `tunnel-client admin tunnels create --help` or `tunnel-client admin tunnels list --help`; `tunnel-client help quickstart` shows the whole way',
    ],
  })
}

/** Looks at the program without running it. A reference is looked at when the daemon starts. */
async function checkCommand({mcpCommand, env, cwd}: InitOptions): Promise<void> {
  const command = mcpCommand?.trim() ?? ''
  if (command === '' || /^(?:env|file):/i.test(command)) return
  const syntax = shellSyntax(command)
  if (syntax?.certain) {
    const text = `invalid mcp-command: no shell reads it, but it ${syntax.problem}`
    throw new TunnelError('TC-PROFILE-COMMAND', text, {next: [syntax.next]})
  }
  const words = splitArgv(command)
  const seen = words.ok ? await preflightCommand(words.argv, {env, cwd}) : {ok: false as const, problem: words.problem}
  if (seen.ok) return
  throw new TunnelError('TC-PROFILE-COMMAND', `mcp-command preflight failed: ${seen.problem}`, {next: []})
}

/** A word that a shell reads as it is, or in quotes. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./~\\-]+$/.test(word)) return word
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`
}
