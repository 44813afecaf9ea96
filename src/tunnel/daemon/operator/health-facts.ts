// Gathers what the documents of `/health` show, at one moment.

import type {Channel, IntroductionReceipt} from '../../channels/index.ts'
import type {HealthFacts, IntroductionFacts, McpHealthFacts, Readiness} from '../../ops/index.ts'
import {type DaemonConstants, type DaemonParts, oauthFacts, pollFacts} from '../facts.ts'

const NO_TOTALS = {polled: 0, delivered: 0, undelivered: 0, duplicates: 0}

/** Everything, read now. */
export function healthFacts(parts: DaemonParts, constants: DaemonConstants, readiness: Readiness): HealthFacts {
  const {config, clock, identity, startedAtWall} = constants
  const relay = parts.relay?.snapshot()
  const main = parts.channels.find((channel) => channel.name === 'main')
  return {
    wall: clock.wall(),
    startedAt: startedAtWall,
    instanceId: identity.instanceId,
    version: identity.version,
    lifecycle: parts.stopping ? 'draining' : relay === undefined ? 'starting' : 'running',
    ready: readiness.status === 200,
    poll: pollFacts(parts, constants),
    polls: relay?.polls ?? {open: 0, reading: 0},
    queue: relay?.queue ?? {length: 0, capacity: config.controlPlane.maxInflight},
    workers: relay?.workers ?? {occupancy: 0, capacity: config.mcp.maxConcurrentRequests},
    posting: relay?.posting ?? 0,
    totals: relay?.totals ?? NO_TOTALS,
    oauth: oauthFacts(),
    mcp: main === undefined ? null : mcpFacts(main, parts, constants),
  }
}

function mcpFacts(channel: Channel, parts: DaemonParts, constants: DaemonConstants): McpHealthFacts {
  const {clock, scrub} = constants
  const status = channel.status()
  const {evidence, receipt, child, lastLife} = status
  const wallOf = (at: number): number => clock.wall() - (clock.now() - at)
  const said = (one: IntroductionReceipt | null | undefined): IntroductionFacts | null =>
    one ? {...one, serverName: scrub(one.serverName), serverVersion: scrub(one.serverVersion)} : null
  // Without a process of its own, our handshake is what was said last.
  const greeted = receipt === undefined && evidence.state === 'ok' ? evidence.server : null
  const handshake =
    greeted === null
      ? null
      : {
          at: wallOf(lastLife),
          protocolVersions: [greeted.protocolVersion],
          serverName: scrub(greeted.name).slice(0, 256),
          serverVersion: scrub(greeted.version).slice(0, 256),
          capabilities: null,
          limited: false,
        }
  return {
    channel: channel.name,
    transport: channel.kind,
    proof: parts.proofs?.proofOf(channel) ?? {state: 'pending'},
    lastLife: lastLife === 0 ? null : wallOf(lastLife),
    child: child === undefined ? null : {state: child.state, generation: child.generation},
    initializeEpoch: receipt?.initializeEpoch ?? (handshake === null ? 0 : 1),
    discoverEpoch: receipt?.discoverEpoch ?? 0,
    initialize: receipt === undefined ? handshake : said(receipt.initialize),
    discover: said(receipt?.discover),
    tools: receipt?.tools ? {...receipt.tools, names: receipt.tools.names.map(scrub)} : null,
  }
}
