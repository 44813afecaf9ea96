// Gathers what `/api/state` shows, at one moment. Text that came from a server or a child is scrubbed and cut here, so that
// whoever reads the document need not think of it.

import {hostFacts, residentBytes} from '../../../foundation/platform/index.ts'
import type {Channel, ChannelStatus} from '../../channels/index.ts'
import type {ChannelStateFacts, Series, StateFacts} from '../../ops/index.ts'
import {type DaemonConstants, type DaemonParts, foreignTunnelId, pollFacts} from '../facts.ts'
import {configSource} from '../startup-lines.ts'

/** What the gatherer reads besides the daemon's parts. */
export interface StateInput
  extends Pick<StateFacts, 'streamId' | 'readiness' | 'verdict' | 'warnings' | 'changes' | 'lastCommand'> {
  readonly series: Series
  readonly streamReaders: number
}

const MOST_TEXT = 500
const MOST_NAME = 256
const NO_TOTALS = {polled: 0, delivered: 0, undelivered: 0, duplicates: 0, notificationsDropped: 0}

/** Everything, read now. */
export function stateFacts(parts: DaemonParts, constants: DaemonConstants, input: StateInput): StateFacts {
  const {config, clock, scrub} = constants
  const {series, streamReaders, ...given} = input
  const relay = parts.relay?.snapshot()
  const {polled, delivered, undelivered, duplicates, notificationsDropped} = relay?.totals ?? NO_TOTALS
  const poll = pollFacts(parts, constants)
  return {
    ...given,
    wall: clock.wall(),
    poll: {...poll, message: clean(poll.message, scrub), mitigation: clean(poll.mitigation, scrub)},
    polls: relay?.polls ?? {open: 0, reading: 0, pauseMs: null},
    channels: parts.channels.map((channel) => {
      const lane = relay?.lanes.find((one) => one.channel === channel.name)
      return {
        ...channelFacts(channel, parts, constants),
        queued: lane?.queued ?? 0,
        running: lane?.running ?? 0,
        recent: series.channel(channel.name),
      }
    }),
    identity: identity(parts, constants),
    limits: {
      max_inflight: config.controlPlane.maxInflight,
      max_concurrent_requests: config.mcp.maxConcurrentRequests,
      connection_max_ttl_ms: config.mcp.connectionMaxTtl,
      poll_timeout_ms: config.controlPlane.pollTimeout,
      poll_deadline_guardrail_ms: config.controlPlane.pollDeadlineGuardrail,
      drain_timeout_ms: config.process.drainTimeout,
    },
    totals: {
      polled,
      delivered,
      undelivered,
      duplicates,
      notifications_dropped: notificationsDropped,
      posting: relay?.posting ?? 0,
      in_flight: relay === undefined ? 0 : relay.queue.length + relay.workers.occupancy,
    },
    process: {
      rss_bytes: residentBytes(),
      event_loop_lag_ms: Math.round(series.lag()),
      stream_readers: streamReaders,
    },
    failures: series.failures().map((call) => ({
      ...call,
      id: scrub(call.id),
      channel: scrub(call.channel),
      method: call.method === null ? null : scrub(call.method),
    })),
  }
}

function channelFacts(
  channel: Channel,
  parts: DaemonParts,
  constants: DaemonConstants,
): Omit<ChannelStateFacts, 'queued' | 'running' | 'recent'> {
  const {clock, startedAtWall, scrub} = constants
  const status = channel.status()
  const proof = parts.proofs?.proofOf(channel) ?? {state: 'pending'}
  return {
    name: status.name,
    transport: status.kind,
    target: clean(status.target, scrub) ?? '',
    enabled: parts.proofs?.polled(status.name) ?? true,
    gates: parts.proofs?.gates(status.name) ?? false,
    proof: 'message' in proof ? {...proof, message: clean(proof.message, scrub) ?? ''} : proof,
    since: parts.proofs?.since(status.name) ?? startedAtWall,
    lastLife: status.lastLife === 0 ? null : clock.wall() - (clock.now() - status.lastLife),
    server: serverOf(status, scrub),
    child: childOf(status, scrub),
  }
}

function serverOf({evidence}: ChannelStatus, scrub: (text: string) => string): ChannelStateFacts['server'] {
  if (evidence.state !== 'ok' || evidence.server === null) return null
  const {name, version, protocolVersion} = evidence.server
  const short = (text: string): string => scrub(text).slice(0, MOST_NAME)
  return {name: short(name), version: short(version), protocol_version: short(protocolVersion)}
}

function childOf({child}: ChannelStatus, scrub: (text: string) => string): ChannelStateFacts['child'] {
  if (child === undefined) return null
  return {...child, stderr: child.stderr.map((line) => scrub(line).slice(0, MOST_TEXT))}
}

function identity(parts: DaemonParts, constants: DaemonConstants): StateFacts['identity'] {
  const {config, identity: client, startedAtWall, clock} = constants
  const {pid, supervisorPid, user, host} = hostFacts()
  const known = parts.metadata?.kind === 'ok' ? parts.metadata.metadata : null
  return {
    tunnel_id: config.controlPlane.tunnelId,
    tunnel_name: known?.name ?? null,
    tunnel_description: known?.description ?? null,
    foreign_tunnel_id: foreignTunnelId(parts.metadata, config),
    profile: 'name' in config.source ? config.source.name : null,
    config_source: configSource(config.source),
    service: config.controlPlane.baseUrl.origin,
    version: client.version,
    instance_id: client.instanceId,
    host,
    user,
    pid,
    supervisor_pid: supervisorPid,
    node: process.version,
    started_at: new Date(startedAtWall).toISOString(),
    uptime_ms: Math.max(0, Math.round(clock.wall() - startedAtWall)),
    operator_url: parts.address?.url ?? null,
  }
}

const clean = <T extends string | null>(text: T, scrub: (text: string) => string): T =>
  (text === null ? null : scrub(text).slice(0, MOST_TEXT)) as T
