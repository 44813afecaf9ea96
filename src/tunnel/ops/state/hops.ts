// The way of a call in four hops. The first broken one is the answer; what lies behind it is blocked, not broken.

import type {ChannelDocument, HopDocument, HopStatus, PollDocument, VerdictDocument} from '../api/index.ts'

/** What the hops are drawn from. */
export interface HopFacts {
  readonly poll: PollDocument
  readonly channels: readonly ChannelDocument[]
  readonly verdict: VerdictDocument
  /** When the service last gave us a command; null: it has not yet. */
  readonly lastCommandAt: string | null
  readonly startedAt: string
}

/** Product → service → daemon → MCP server. */
export function hopsOf(facts: HopFacts): HopDocument[] {
  const hops = [product(facts), service(facts), daemon(facts), mcp(facts)]
  const broken = hops.findIndex((hop) => hop.status === 'broken')
  return hops.map((hop, index) => (broken !== -1 && index > broken ? {...hop, status: 'blocked'} : hop))
}

function product({lastCommandAt}: HopFacts): HopDocument {
  if (lastCommandAt !== null) return {id: 'product', status: 'ok', evidence: 'a call has come', at: lastCommandAt}
  return {id: 'product', status: 'unknown', evidence: 'no call has come since the start', at: null}
}

function service({poll, verdict}: HopFacts): HopDocument {
  const at = poll.last_success_at
  if (verdict.failure_class === 'identity') {
    return {id: 'service', status: 'broken', evidence: 'it answered for another tunnel', at}
  }
  if (poll.state === 'accepted') return {id: 'service', status: 'ok', evidence: 'it takes our polls', at}
  if (poll.state === 'pending') return {id: 'service', status: 'pending', evidence: 'no poll was answered yet', at}
  const evidence = poll.state === 'stale' ? 'it has not been heard for longer than a poll takes' : (poll.message ?? '')
  return {id: 'service', status: 'broken', evidence, at}
}

function daemon({verdict, startedAt}: HopFacts): HopDocument {
  if (verdict.status === 'stopping')
    return {id: 'daemon', status: 'broken', evidence: 'it is stopping', at: verdict.since}
  return {id: 'daemon', status: 'ok', evidence: 'it runs', at: startedAt}
}

const STATUS = {
  ok: 'ok',
  auth_required: 'ok',
  pending: 'pending',
  timeout: 'broken',
  failed: 'broken',
} as const satisfies Record<ChannelDocument['verdict'], HopStatus>
const WORST: readonly HopStatus[] = ['broken', 'pending', 'ok']

/** The worst of the channels that readiness depends on. */
function mcp({channels}: HopFacts): HopDocument {
  const gating = channels.filter((channel) => channel.gates)
  for (const status of WORST) {
    const channel = gating.find((one) => STATUS[one.verdict] === status)
    if (channel === undefined) continue
    const said =
      channel.message ??
      {ok: 'it answers', pending: 'it was not heard yet', broken: 'it does not answer'}[status as 'ok']
    return {id: 'mcp', status, evidence: `${channel.name}: ${said}`, at: channel.last_life_at}
  }
  return {id: 'mcp', status: 'unknown', evidence: 'no channel is polled', at: null}
}
