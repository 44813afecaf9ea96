// The documents of `/health`: one snapshot of everything that is observed anyway. Names are sorted, members stand in a fixed
// order, and nothing here asks anybody anything.

import type {ComponentDocument, HealthComponent, HealthDocument, HealthStatus} from '../api/index.ts'
import type {OauthFacts, PollFacts} from '../ports.ts'
import {type McpHealthFacts, mcpHealth} from './mcp-health.ts'
import {iso} from './time.ts'

/** Everything that the documents show. Times are milliseconds since the epoch. */
export interface HealthFacts {
  readonly wall: number
  readonly startedAt: number
  readonly instanceId: string
  readonly version: string
  readonly lifecycle: HealthDocument['runtime']['lifecycle']
  readonly ready: boolean
  readonly poll: PollFacts
  readonly polls: {readonly open: number; readonly reading: number}
  readonly queue: {readonly length: number; readonly capacity: number}
  readonly workers: {readonly occupancy: number; readonly capacity: number}
  readonly posting: number
  readonly totals: {
    readonly polled: number
    readonly delivered: number
    readonly undelivered: number
    readonly duplicates: number
  }
  readonly oauth: OauthFacts
  /** Null when there is no channel `main`. */
  readonly mcp: McpHealthFacts | null
}

/** `GET /health`. */
export function healthDocument(facts: HealthFacts, details: boolean): HealthDocument {
  return {
    schema_version: 1,
    live: true,
    ready: facts.ready,
    snapshot_at: iso(facts.wall),
    runtime: {
      instance_id: facts.instanceId,
      version: facts.version,
      flavor: 'full',
      started_at: iso(facts.startedAt),
      uptime_seconds: Math.max(0, Math.floor((facts.wall - facts.startedAt) / 1000)),
      lifecycle: facts.lifecycle,
    },
    ...(details ? {components: components(facts)} : {}),
  }
}

/** `GET /health/<name>`; null when there is no such component. */
export function componentDocument(facts: HealthFacts, name: string): ComponentDocument | null {
  const found = components(facts)
  const component = Object.hasOwn(found, name) ? found[name] : undefined
  if (component === undefined) return null
  return {schema_version: 1, snapshot_at: iso(facts.wall), component: name, ...component}
}

function components(facts: HealthFacts): Record<string, HealthComponent> {
  const {mcp, queue, workers, totals} = facts
  return {
    'control-plane': controlPlane(facts),
    dispatcher: {
      status: 'ok',
      state: workers.occupancy === 0 ? 'idle' : 'active',
      details: {active: workers.occupancy, limit: workers.capacity, completed: totals.delivered + totals.undelivered},
    },
    mcp:
      mcp === null
        ? {status: 'disabled', state: 'not_configured', details: {channel: 'main'}}
        : (mcpHealth(mcp) as HealthComponent),
    oauth: oauth(facts.oauth),
    queue: {
      status: queue.length >= queue.capacity ? 'degraded' : 'ok',
      state: queue.length >= queue.capacity ? 'full' : queue.length === 0 ? 'empty' : 'waiting',
      details: {length: queue.length, capacity: queue.capacity, enqueued: totals.polled, duplicates: totals.duplicates},
    },
    'response-delivery': {
      status: 'ok',
      state: facts.posting === 0 ? 'idle' : 'posting',
      details: {active: facts.posting, delivered: totals.delivered, undelivered: totals.undelivered},
    },
  }
}

const POLL_STATUS = {
  pending: 'unknown',
  accepted: 'ok',
  failing: 'degraded',
  stale: 'degraded',
} as const satisfies Record<PollFacts['state'], HealthStatus>

function controlPlane({poll, polls}: HealthFacts): HealthComponent {
  return {
    status: POLL_STATUS[poll.state],
    state: poll.state,
    ...(poll.failure === null ? {} : {reason_code: poll.failure}),
    ...(poll.lastSuccessWall === null ? {} : {observed_at: iso(poll.lastSuccessWall)}),
    details: {
      open_polls: polls.open,
      reading: polls.reading,
      failures: poll.failures,
      ...(poll.status === null ? {} : {http_status: poll.status}),
      idle_cut: poll.idleCutHint,
    },
  }
}

function oauth(facts: OauthFacts): HealthComponent {
  if (facts.state === 'settled') return {status: 'ok', state: 'settled', details: {}}
  if (facts.state === 'pending') return {status: 'unknown', state: 'pending', details: {}}
  return {status: 'degraded', state: 'failed', reason_code: 'discovery_failed', details: {}}
}
