// The only error that rooms throw on purpose. It carries what the base command needs to print and to exit.

import {ERRORS, type ErrorCode} from './catalogue.ts'
import {Exit} from './exit.ts'

/** Where a rejected value came from, for example `flag --mcp.command`, `env MCP_COMMAND` or `tunnel.yaml:12`. */
export type OriginText = string

/** What may accompany a {@link TunnelError}. */
export interface TunnelErrorMore {
  /** What to do, most useful first. Defaults to that of a `cause` which knows, else to the row of the catalogue. */
  readonly next?: readonly string[]
  /** Where the rejected value came from. */
  readonly origin?: OriginText
  /** Problems found together (config reports all of them at once). */
  readonly problems?: readonly TunnelError[]
  /**
   * Members that the reference's JSON envelope has for this error, beside ours. A `code` here takes the place of ours,
   * which then stands as `tunnel_client_code`.
   */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An error that a person can act on: a stable code, one sentence, and what to do next. Never holds a secret. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError'
  readonly code: ErrorCode
  readonly next: readonly string[]
  readonly origin: OriginText | undefined
  readonly problems: readonly TunnelError[]
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, detail: string, more: TunnelErrorMore = {}) {
    super(detail, more.cause === undefined ? undefined : {cause: more.cause})
    this.code = code
    this.next = more.next ?? (isTunnelError(more.cause) ? more.cause.next : ERRORS[code].next)
    this.origin = more.origin
    this.problems = more.problems ?? []
    this.details = more.details ?? {}
  }

  /** Exit status of a one-shot command that ends with this error. */
  get exitCode(): number {
    return Exit[ERRORS[this.code].exit]
  }
}

/** True for a {@link TunnelError}, also one of a second loaded copy of this package. */
export function isTunnelError(value: unknown): value is TunnelError {
  return value instanceof Error && value.name === 'TunnelError' && 'code' in value && 'next' in value
}

/** The message of anything that was thrown, in one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.replaceAll(/(?<!\s)\s*\n\s*/g, ' ')
}
