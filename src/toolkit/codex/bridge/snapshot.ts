// What we know of an app-server, in the shape that `codex status --json` and the admin UI show.

/** Zero of Go's clock: scripts of the reference see it for "never". */
export const NEVER = '0001-01-01T00:00:00Z'

/** An account that Codex is logged in with. */
export interface AccountInfo {
  readonly type?: string
  readonly email?: string
  readonly plan_type?: string
}

/** A thread that was started. */
export interface ThreadInfo {
  readonly id?: string
  readonly preview?: string
  readonly cwd?: string
  readonly model?: string
  readonly model_provider?: string
  readonly approval_policy?: string
  readonly sandbox?: string
  readonly created_at: string
  readonly updated_at: string
}

/** The record. Empty values are left out, as the reference does. */
export interface BridgeSnapshot {
  readonly command: string
  readonly command_args?: readonly string[]
  readonly command_cwd?: string
  readonly pid?: number
  readonly running: boolean
  readonly starting: boolean
  readonly ready: boolean
  readonly initialized: boolean
  readonly last_error?: string
  readonly started_at: string
  readonly last_exit_at: string
  readonly initialize_info: {
    readonly user_agent?: string
    readonly codex_home?: string
    readonly platform_family?: string
    readonly platform_os?: string
  }
  readonly auth_method?: string
  readonly requires_openai_auth?: boolean
  readonly account?: AccountInfo
  readonly thread?: ThreadInfo
}

/** An object without its empty values. */
export function filled<T extends object>(value: T): {[K in keyof T]?: Exclude<T[K], undefined | null | ''>} {
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined && item !== null && item !== ''),
  ) as {[K in keyof T]?: Exclude<T[K], undefined | null | ''>}
}
