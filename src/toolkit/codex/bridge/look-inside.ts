// Starts an app-server, asks who is logged in and whether a thread would start, and stops it. The thread is read-only and
// ephemeral: with any other sandbox Codex writes into config.toml that it trusts the folder.

import {messageOf} from '../../../foundation/errors/index.ts'
import {type AppServer, startAppServer} from './app-server.ts'
import {appServerCommand} from './app-server-command.ts'
import {type AccountInfo, type BridgeSnapshot, filled, NEVER, type ThreadInfo} from './snapshot.ts'

/** How long each part may take, in milliseconds. */
export interface BridgeBudget {
  readonly start: number
  readonly thread: number
}

/** What came of it. */
export interface BridgeLook {
  readonly snapshot: BridgeSnapshot | null
  readonly state: 'error' | 'logged_out' | 'bridge_ready' | 'ready'
  /** Why there is no bridge. */
  readonly bridgeError: string | null
  /** Why no thread would start. */
  readonly assistantError: string | null
}

const BUDGET: BridgeBudget = {start: 15_000, thread: 5000}

/** Looks. Never rejects, always stops what it started. */
export async function lookInside(options: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly version: string
  readonly budget?: BridgeBudget
}): Promise<BridgeLook> {
  const {env, cwd, version, budget = BUDGET} = options
  const command = await appServerCommand(env, cwd)
  const started = new Date()
  let server: AppServer | null = null
  try {
    server = await startAppServer(command, env)
    const until = performance.now() + budget.start
    const left = (): number => Math.max(1, until - performance.now())
    const facts = await introduce(server, version, left)
    const snapshot: BridgeSnapshot = {
      command: command.argv[0],
      command_args: command.argv.slice(1),
      command_cwd: command.cwd,
      pid: server.pid,
      running: true,
      starting: false,
      ready: true,
      initialized: true,
      started_at: started.toISOString(),
      last_exit_at: NEVER,
      ...facts,
    }
    if (!facts.account?.type && facts.requires_openai_auth === true) {
      return {snapshot, state: 'logged_out', bridgeError: null, assistantError: null}
    }
    return await tryThread({server, snapshot, cwd, timeoutMs: budget.thread})
  } catch (thrown) {
    return {snapshot: null, state: 'error', bridgeError: messageOf(thrown), assistantError: null}
  } finally {
    await server?.stop()
  }
}

type Facts = Pick<BridgeSnapshot, 'initialize_info' | 'auth_method' | 'requires_openai_auth' | 'account'>

async function introduce(server: AppServer, version: string, left: () => number): Promise<Facts> {
  const clientInfo = {name: 'tunnel-client-ts', title: 'tunnel-client', version}
  const hello = await server.request('initialize', {clientInfo, capabilities: null}, left())
  server.notify('initialized', {})
  const auth: Record<string, unknown> = await server
    .request('getAuthStatus', {includeToken: false, refreshToken: false}, left())
    .catch(() => ({}))
  const read = await server.request('account/read', {refreshToken: false}, left())
  const account = read.account as {type?: string; email?: string; planType?: string} | null | undefined
  const needed = read.requiresOpenaiAuth ?? auth.requiresOpenaiAuth
  return {
    initialize_info: filled({
      user_agent: text(hello.userAgent),
      codex_home: text(hello.codexHome),
      platform_family: text(hello.platformFamily),
      platform_os: text(hello.platformOs),
    }),
    ...filled({auth_method: text(auth.authMethod)}),
    ...(typeof needed === 'boolean' ? {requires_openai_auth: needed} : {}),
    ...(account ? {account: accountOf(account)} : {}),
  }
}

const accountOf = (account: {type?: string; email?: string; planType?: string}): AccountInfo =>
  filled({type: text(account.type), email: text(account.email), plan_type: text(account.planType)})

async function tryThread(given: {
  readonly server: AppServer
  readonly snapshot: BridgeSnapshot
  readonly cwd: string
  readonly timeoutMs: number
}): Promise<BridgeLook> {
  const {server, snapshot, cwd, timeoutMs} = given
  const params = {
    experimentalRawEvents: false,
    persistExtendedHistory: false,
    ephemeral: true,
    cwd,
    approvalPolicy: 'never',
    sandbox: 'read-only',
  }
  try {
    const reply = await server.request('thread/start', params, timeoutMs)
    return {snapshot: {...snapshot, thread: threadOf(reply)}, state: 'ready', bridgeError: null, assistantError: null}
  } catch (thrown) {
    return {snapshot, state: 'bridge_ready', bridgeError: null, assistantError: messageOf(thrown)}
  }
}

function threadOf(reply: Record<string, unknown>): ThreadInfo {
  const thread = (reply.thread ?? {}) as Record<string, unknown>
  const sandbox = reply.sandbox as {type?: unknown} | string | undefined
  return {
    ...filled({
      id: text(thread.id),
      preview: text(thread.preview),
      cwd: text(thread.cwd),
      model: text(reply.model),
      model_provider: text(reply.modelProvider),
      approval_policy: text(reply.approvalPolicy),
      sandbox: text(typeof sandbox === 'object' ? sandbox.type : sandbox),
    }),
    created_at: time(thread.createdAt),
    updated_at: time(thread.updatedAt),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const time = (seconds: unknown): string =>
  typeof seconds === 'number' && seconds > 0 ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : NEVER
