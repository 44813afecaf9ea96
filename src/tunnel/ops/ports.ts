// What the operator surface asks of the rest of the daemon. It knows nobody: the daemon hands these in.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {Instant} from '../../foundation/platform/index.ts'

/** Proof that the control plane takes our polls, or the lack of it. */
export interface PollFacts {
  /** `stale`: the last proof is older than a poll may take. */
  readonly state: 'pending' | 'accepted' | 'failing' | 'stale'
  /** Set while failing. */
  readonly failure: FailureClass | null
  readonly message: string | null
  /** Milliseconds since the epoch of the last success; null before the first. */
  readonly lastSuccessWall: number | null
  /** Milliseconds since the epoch of the last change of state. */
  readonly since: number
  /** HTTP status of the failure, when there was one. */
  readonly status: number | null
  readonly mitigation: string | null
  /** Failures in a row. */
  readonly failures: number
  /** Something on the way cuts idle polls. */
  readonly idleCutHint: boolean
}

/** Proof that a call to this MCP server would work now, or the lack of it. */
export type ChannelProof =
  | {readonly state: 'pending'}
  | {readonly state: 'ok'}
  | {readonly state: 'auth_required'; readonly message: string}
  /** `since`: when the first of these time-outs in a row happened; `failures`: how many there were. */
  /** `startup`: it has never answered. */
  | {
      readonly state: 'timeout'
      readonly message: string
      readonly failure: FailureClass
      readonly since: Instant
      readonly failures: number
      readonly startup: boolean
    }
  /** `waitExhausted`: the time that mcp.startup-wait-timeout grants has passed without one success. */
  | {
      readonly state: 'failed'
      readonly message: string
      readonly failure: FailureClass
      readonly waitExhausted: boolean
    }

/** One channel as readiness sees it. */
export interface ChannelFacts {
  readonly name: string
  /** Readiness depends on it: `main`, or every polled channel where `main` is not polled. */
  readonly gates: boolean
  readonly proof: ChannelProof
}

/** OAuth discovery of the main channel. */
export type OauthFacts =
  | {readonly state: 'pending'}
  | {readonly state: 'settled'}
  | {readonly state: 'failed'; readonly message: string}

/** Everything that readiness is judged from. */
export interface ReadinessFacts {
  readonly now: Instant
  /** A stop has been asked for. */
  readonly stopping: boolean
  readonly oauth: OauthFacts
  readonly channels: readonly ChannelFacts[]
  readonly poll: PollFacts
  /** The id that the service gave for our tunnel, when it is another one. */
  readonly foreignTunnelId: string | null
}

/** Where the surface can be reached. */
export interface OpsAddress {
  /** `http://host:port`, or `http+unix://<base64url of the socket path>`. */
  readonly url: string
  /** `host:port` as bound, or the socket path. */
  readonly listenAddr: string
  readonly kind: 'tcp' | 'unix'
}
