// Makes the document of `/api/state` from what is known. Pure: whoever hands in the facts has read them at one moment.

import {FAILURES, failureCode, whoActs} from '../../../foundation/errors/index.ts'
import type {
  ChangeDocument,
  ChannelDocument,
  FailedCallDocument,
  IdentityDocument,
  LimitsDocument,
  PollDocument,
  StateDocument,
  VerdictDocument,
  WarningDocument,
} from '../api/index.ts'
import type {ChannelProof, PollFacts} from '../ports.ts'
import type {Readiness} from '../readiness.ts'
import type {RecentTraffic} from '../series/channel-traffic.ts'
import {hopsOf} from './hops.ts'

/** One channel as it is known. Times are milliseconds since the epoch. */
export interface ChannelStateFacts
  extends Pick<ChannelDocument, 'name' | 'transport' | 'target' | 'enabled' | 'gates' | 'server' | 'child'> {
  readonly proof: ChannelProof
  readonly since: number
  readonly lastLife: number | null
  readonly queued: number
  readonly running: number
  readonly recent: RecentTraffic
}

/** Everything that the document shows. Times are milliseconds since the epoch. */
export interface StateFacts {
  readonly wall: number
  readonly streamId: string
  readonly readiness: Readiness
  readonly verdict: VerdictDocument
  readonly poll: PollFacts
  readonly polls: {readonly open: number; readonly reading: number; readonly pauseMs: number | null}
  readonly lastCommand: number | null
  readonly channels: readonly ChannelStateFacts[]
  readonly identity: IdentityDocument
  readonly limits: LimitsDocument
  readonly warnings: readonly WarningDocument[]
  readonly totals: StateDocument['totals']
  readonly process: StateDocument['process']
  readonly changes: readonly ChangeDocument[]
  readonly failures: readonly FailedCallDocument[]
}

/** How many changes and failures the first page shows. */
const SHOWN_CHANGES = 10
const SHOWN_FAILURES = 5

/** Makes it. */
export function stateDocument(facts: StateFacts): StateDocument {
  const {identity, limits, verdict, warnings, totals, process} = facts
  const poll = pollDocument(facts)
  const channels = facts.channels.map((channel) => channelDocument(channel, limits))
  const lastCommandAt = time(facts.lastCommand)
  return {
    schema_version: 1,
    at: new Date(facts.wall).toISOString(),
    stream_id: facts.streamId,
    verdict,
    readyz: {status: facts.readiness.status, body: facts.readiness.body},
    hops: hopsOf({poll, channels, verdict, lastCommandAt, startedAt: identity.started_at}),
    poll,
    channels,
    identity,
    limits,
    warnings,
    totals,
    process,
    changes: facts.changes.slice(-SHOWN_CHANGES),
    failures: facts.failures.slice(-SHOWN_FAILURES),
  }
}

function pollDocument({poll, polls, wall}: StateFacts): PollDocument {
  return {
    state: poll.state,
    since: new Date(poll.since).toISOString(),
    last_success_at: time(poll.lastSuccessWall),
    last_success_age_ms: poll.lastSuccessWall === null ? null : Math.max(0, Math.round(wall - poll.lastSuccessWall)),
    failure_class: poll.failure,
    message: poll.message,
    status: poll.status,
    mitigation: poll.mitigation,
    failures: poll.failures,
    idle_cut: poll.idleCutHint,
    open: polls.open,
    reading: polls.reading,
    retry_at: polls.pauseMs === null ? null : new Date(wall + polls.pauseMs).toISOString(),
  }
}

function channelDocument(channel: ChannelStateFacts, limits: LimitsDocument): ChannelDocument {
  const {proof, recent} = channel
  const failure = 'failure' in proof ? proof.failure : proof.state === 'auth_required' ? 'mcp_auth' : null
  return {
    name: channel.name,
    transport: channel.transport,
    target: channel.target,
    enabled: channel.enabled,
    gates: channel.gates,
    verdict: proof.state,
    since: new Date(channel.since).toISOString(),
    last_life_at: time(channel.lastLife),
    failure_class: failure,
    rung: failure === null ? null : FAILURES[failure].rung,
    who: failure === null ? [] : whoActs(failure, 'mcp'),
    code: failure === null ? null : failureCode(failure),
    message: 'message' in proof ? proof.message : null,
    server: channel.server,
    lane: {
      queued: channel.queued,
      running: channel.running,
      queue_limit: limits.max_inflight,
      run_limit: limits.max_concurrent_requests,
    },
    child: channel.child,
    recent: {calls: recent.calls, failures: recent.failures, p50_ms: tenth(recent.p50), p95_ms: tenth(recent.p95)},
  }
}

const time = (wall: number | null): string | null => (wall === null ? null : new Date(wall).toISOString())

const tenth = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 10) / 10)
