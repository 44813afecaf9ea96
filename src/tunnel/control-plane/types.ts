// The contract of the control plane's client, as the relay, the daemon and the doctor see it.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {Clock, HttpDestination, HttpFailure, Instant, Logger, Secret} from '../../foundation/platform/index.ts'
import type {PolledCommand, PollRest, RejectedCommand, ResponseType} from '../../foundation/wire/index.ts'
import type {ServiceFeature} from './polls/features.ts'

/** What {@link createControlPlaneClient} needs. Durations are milliseconds. */
export interface ControlPlaneOptions {
  readonly destination: HttpDestination
  /** Prefix of every path, empty or starting with `/`. */
  readonly urlPath: string
  readonly tunnelId: string
  readonly organizationId: string | null
  readonly apiKey: Secret
  readonly extraHeaders: readonly {readonly name: string; readonly value: Secret}[]
  /** Sorted allow-list of channels; null: every channel. */
  readonly pollChannels: readonly string[] | null
  readonly pollTimeout: number
  readonly pollDeadlineGuardrail: number
  /** Version of this program. */
  readonly version: string
  /** 32 hex digits per process. */
  readonly instanceId: string
  /** Value of `X-Tunnel-MCP-Server-Info`, read for every request: channels may come and go. See `encodeServerInfo`. */
  readonly serverInfo: () => string
  readonly clock: Clock
  readonly log: Logger
}

/** Why the service did not do what was asked. */
export interface ServiceFailure {
  readonly failure: FailureClass
  /** One sentence for people; without secrets. */
  readonly message: string
  /** HTTP status, null when there was none. */
  readonly status: number | null
  /** `error.code` of the service's envelope. */
  readonly code: string | null
  /** `error.message` of the service's envelope, or its text cut at 1024 bytes. */
  readonly detail: string | null
  /** What helps against a known code. */
  readonly mitigation: string | null
  /** Milliseconds; at most 60 000. */
  readonly retryAfter: number | null
  /** `X-Request-Id` of the answer. */
  readonly tunnelRequestId: string | null
  /** The answer took longer than it may. */
  readonly timedOut: boolean
  /** What the HTTP door saw, when there was no complete answer. */
  readonly transport: HttpFailure | null
}

/** One poll. */
export interface PollOptions {
  readonly limit: number
  /** How long the service may hold it; default: the configured poll timeout. */
  readonly timeoutMs?: number
  /** Only what concerns calls under way: for a client that has no room for more. Needs {@link ControlPlaneClient.offers}. */
  readonly urgent?: boolean
}

/** What follows the first commands of an oversized answer. */
export interface UndecodedRest extends PollRest {
  /** Why the answer is not complete, once all is decoded; null: it is. */
  cutBy(truncated: boolean): ServiceFailure | null
}

/** How a poll ended. */
export type PollOutcome =
  | {
      readonly kind: 'answered'
      /** 200 or 204. */
      readonly status: number
      readonly commands: readonly PolledCommand[]
      readonly rejected: readonly RejectedCommand[]
      /** Elements without an address that are not among `rejected`. */
      readonly dropped: number
      readonly receivedAt: Instant
      readonly tunnelRequestId: string | null
      /** Name of the run of the service; null when it says none. */
      readonly serviceRun: string | null
      /** The answer broke off after these commands. They are complete and have to be run. */
      readonly cut: ServiceFailure | null
      /** The answer holds many more elements than were asked for: these are not decoded yet. `cut` is not known then. */
      readonly rest: UndecodedRest | null
      /** The service thinks, or will be told, that this answer was lost: these commands come again. */
      readonly comesAgain: boolean
    }
  | {readonly kind: 'failed'; readonly failure: ServiceFailure}
  | {readonly kind: 'aborted'}

/** Follows one poll. `onOutcome` comes once and last. */
export interface PollSink {
  /** The request is on the wire, completely. */
  onSent(): void
  /** The service has accepted it and holds it: interim 102, or the rule for services without it (see client). */
  onAccepted(): void
  /** Final status line and headers are here: an answer is being read. */
  onHead(): void
  onOutcome(outcome: PollOutcome): void
}

/** One answer to one command. The body is the encoded envelope (wire `encodeResponse`). */
export interface RespondOptions {
  /** Of the command, for the log. */
  readonly requestId: string
  readonly body: readonly Buffer[]
  readonly type: ResponseType
  readonly shardToken: string
  /** `X-Request-Id` of the command, sent on as `X-Client-Request-Id`. */
  readonly clientRequestId: string | null
  /** No attempt after this instant; null: none. */
  readonly deadline: Instant | null
}

/** How the delivery of an answer ended. */
export type RespondOutcome =
  /** 2xx, or 404: somebody else has answered, or the caller is gone (`unknown` is true then). */
  | {
      readonly kind: 'delivered'
      readonly status: number
      readonly unknown: boolean
      readonly attempts: number
      /** When an attempt was given up that had been written and was never acknowledged; only when there was one. */
      readonly silentUntil?: Instant
    }
  /** The service will not take it, ever; 413: it is too large, 400: it is not valid. */
  | {readonly kind: 'refused'; readonly status: number; readonly attempts: number; readonly failure: ServiceFailure}
  /** Not delivered, although tried as often as the rules say. */
  | {readonly kind: 'failed'; readonly attempts: number; readonly failure: ServiceFailure}
  | {readonly kind: 'aborted'; readonly attempts: number}

/** What the service says about the tunnel. */
export interface TunnelMetadata {
  readonly id: string
  readonly name: string
  readonly description: string
}

/** How the metadata request ended. */
export type MetadataOutcome =
  | {readonly kind: 'ok'; readonly metadata: TunnelMetadata; readonly latencyMs: number}
  | {readonly kind: 'failed'; readonly failure: ServiceFailure; readonly latencyMs: number}

/** What a caller holds of something under way. */
export interface RequestHandle {
  abort(): void
}

/** What a caller holds of a poll. */
export interface PollHandle extends RequestHandle {
  /** Tells the service that nobody waits any longer, and still takes the answer that is on its way. Sets no time. */
  hangUp(): void
  /** Counts as lost from now on, whatever still comes: the service is told with the next poll. */
  disown(): void
}

/** Speaks to one tunnel of one tunnel service. */
export interface ControlPlaneClient {
  readonly tunnelId: string
  /** What the service said with its latest poll answer. */
  offers(feature: ServiceFeature): boolean
  /** True when the answer to a poll was lost, and the service does not know that yet: the next poll tells. */
  owesNews(): boolean
  /** Reads the tunnel's name. No retries, never rejects. */
  metadata(): Promise<MetadataOutcome>
  /** Asks for commands. Never throws. */
  poll(options: PollOptions, sink: PollSink): PollHandle
  /** Delivers one answer with the retries of its type. Never throws; `done` comes once, possibly not at once. */
  respond(options: RespondOptions, done: (outcome: RespondOutcome) => void): RequestHandle
}
