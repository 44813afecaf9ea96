// What is known of a daemon right now, gathered for readiness, metrics and the status page. Reads, never changes.

import type {TunnelConfig} from '../../foundation/config/index.ts'
import {type ClientIdentity, type Clock, hostFacts} from '../../foundation/platform/index.ts'
import type {Channel} from '../channels/index.ts'
import type {MetadataOutcome} from '../control-plane/index.ts'
import type {MetricsSource, OauthFacts, OpsAddress, PollFacts, ReadinessFacts, StatusFacts} from '../ops/index.ts'
import type {Relay} from '../relay/index.ts'
import type {ChannelProofs} from './channel-proofs.ts'
import {publicUrl} from './startup-lines.ts'

/** The parts of a daemon as they come into being; null: not yet. */
export interface DaemonParts {
  stopping: boolean
  channels: readonly Channel[]
  proofs: ChannelProofs | null
  relay: Relay | null
  address: OpsAddress | null
  metadata: MetadataOutcome | null
}

/** Figures of the operator's view that are metrics, too. */
export interface OperatorFigures {
  /** Readers of the event stream. */
  readers(): number
  /** The longest delay of a timer within the last minute, in milliseconds. */
  lag(): number
}

/** What does not change. */
export interface DaemonConstants {
  readonly config: TunnelConfig
  readonly identity: ClientIdentity
  readonly clock: Clock
  readonly startedAtWall: number
  /** Takes known secrets out of a text that a server, a child or the service chose. */
  readonly scrub: (text: string) => string
}

const NO_POLL: Omit<PollFacts, 'since'> = {
  state: 'pending',
  failure: null,
  message: null,
  lastSuccessWall: null,
  status: null,
  mitigation: null,
  failures: 0,
  idleCutHint: false,
}

/** What is known of polling; before it starts, nothing. */
export function pollFacts(parts: DaemonParts, {startedAtWall, scrub}: DaemonConstants): PollFacts {
  const poll = parts.relay?.snapshot().poll
  if (poll === undefined) return {...NO_POLL, since: startedAtWall}
  return poll.message === null ? poll : {...poll, message: scrub(poll.message)}
}

/** Discovery is not part of this daemon yet: nothing to wait for. */
export const oauthFacts = (): OauthFacts => ({state: 'settled'})

/** Everything that readiness is judged from. */
export function readinessFacts(parts: DaemonParts, constants: DaemonConstants): ReadinessFacts {
  const {config, clock} = constants
  return {
    now: clock.now(),
    stopping: parts.stopping,
    oauth: oauthFacts(),
    channels: parts.proofs?.facts() ?? [{name: 'main', gates: true, proof: {state: 'pending'}}],
    poll: pollFacts(parts, constants),
    foreignTunnelId: foreignTunnelId(parts.metadata, config),
  }
}

/** The gauges. `view`: null where there is no surface that anybody could read. */
export function metricsSource(
  parts: DaemonParts,
  constants: DaemonConstants,
  more: {readonly ready: () => boolean; readonly view: () => OperatorFigures | null},
): MetricsSource {
  const {config, clock} = constants
  return {
    queue: () => parts.relay?.snapshot().queue ?? {length: 0, capacity: config.controlPlane.maxInflight},
    workers: () => parts.relay?.snapshot().workers ?? {occupancy: 0, capacity: config.mcp.maxConcurrentRequests},
    lastPollSuccessWall: () => pollFacts(parts, constants).lastSuccessWall,
    wall: () => clock.wall(),
    ready: more.ready,
    pollsOpen: () => parts.relay?.snapshot().polls.open ?? 0,
    channels: () => {
      const lanes = parts.relay?.snapshot().lanes ?? []
      return parts.channels.map((channel) => {
        const {child, evidence} = channel.status()
        const lane = lanes.find((one) => one.channel === channel.name)
        return {
          name: channel.name,
          queued: lane?.queued ?? 0,
          running: lane?.running ?? 0,
          ready: evidence.state === 'ok' || evidence.state === 'auth_required',
          restarts: child?.restarts ?? null,
        }
      })
    },
    streamReaders: () => more.view()?.readers() ?? 0,
    loopLag: () => more.view()?.lag() ?? 0,
  }
}

/** Everything that the status page shows. */
export function statusFacts(parts: DaemonParts, constants: DaemonConstants): StatusFacts {
  const {config, identity, clock, startedAtWall} = constants
  const {controlPlane, mcp} = config
  const main = mcp.bindings.find((binding) => binding.channel === 'main')
  const relay = parts.relay?.snapshot()
  return {
    version: identity.version,
    instanceId: identity.instanceId,
    host: hostFacts(),
    startedAtWall,
    nowWall: clock.wall(),
    healthListenAddr: parts.address?.listenAddr ?? '',
    controlPlane: {
      baseUrl: controlPlane.baseUrl.origin,
      tunnelId: controlPlane.tunnelId,
      maxInflight: controlPlane.maxInflight,
      pollTimeout: controlPlane.pollTimeout,
      pollDeadlineGuardrail: controlPlane.pollDeadlineGuardrail,
    },
    poll: pollFacts(parts, constants),
    callsInFlight: relay === undefined ? 0 : relay.queue.length + relay.workers.occupancy,
    mcpServerUrl: main?.kind === 'http' ? publicUrl(main.url) : null,
    channels: parts.channels.map((channel) => {
      const {name, kind, details} = channel.status()
      const enabled = parts.proofs?.polled(name) ?? true
      const proof = parts.proofs?.proofOf(channel) ?? {state: 'pending'}
      const shown = details.map(({key, value}) => ({key, value: shortLines(constants.scrub(value))}))
      return {name, transport: kind, builtin: false, enabled, proof, details: shown}
    }),
    metadata: parts.metadata?.kind === 'ok' ? parts.metadata.metadata : null,
    metadataError: parts.metadata?.kind === 'failed' ? parts.metadata.failure.message : null,
  }
}

const MOST_NAME = 500

/** What the service said of the tunnel, masked and cut once for all who show it. */
export function shownMetadata(outcome: MetadataOutcome, scrub: (text: string) => string): MetadataOutcome {
  const clean = (text: string): string => scrub(text).slice(0, MOST_NAME)
  if (outcome.kind === 'ok') {
    const {id, name, description} = outcome.metadata
    return {...outcome, metadata: {id: clean(id), name: clean(name), description: clean(description)}}
  }
  return {...outcome, failure: {...outcome.failure, message: clean(outcome.failure.message)}}
}

const MOST_LINE = 400

/** Cut after secrets were masked: a piece of one fits no mask. */
const shortLines = (text: string): string =>
  text.length <= MOST_LINE
    ? text
    : text
        .split('\n')
        .map((line) => line.slice(0, MOST_LINE))
        .join('\n')

/** The id that the service gave for our tunnel when it is another one; an absent id says nothing. */
export function foreignTunnelId(metadata: MetadataOutcome | null, {controlPlane}: TunnelConfig): string | null {
  if (metadata?.kind !== 'ok' || metadata.metadata.id === '') return null
  return metadata.metadata.id.trim() === controlPlane.tunnelId.trim() ? null : metadata.metadata.id
}
