// The component `mcp` of `/health`: what the server of `main` has shown, bound to the process that runs now. Reading it asks
// the server nothing.

import type {HealthComponent, McpDetails} from '../api/index.ts'
import type {ChannelProof} from '../ports.ts'
import {iso} from './time.ts'

/** What a server said when it was greeted. Times are milliseconds since the epoch. */
export interface IntroductionFacts {
  readonly at: number
  readonly protocolVersions: readonly string[]
  readonly serverName: string
  readonly serverVersion: string
  readonly capabilities: readonly string[] | null
  readonly limited: boolean
}

/** Everything that the component is made from. */
export interface McpHealthFacts {
  readonly channel: string
  readonly transport: McpDetails['transport']
  readonly proof: ChannelProof
  readonly lastLife: number | null
  readonly child: {readonly state: 'running' | 'restarting' | 'gone'; readonly generation: string | null} | null
  readonly initializeEpoch: number
  readonly discoverEpoch: number
  readonly initialize: IntroductionFacts | null
  readonly discover: IntroductionFacts | null
  readonly tools: {
    readonly at: number
    readonly names: readonly string[]
    readonly complete: boolean
    readonly limited: boolean
  } | null
}

/** What the receipts of a transport are bound to; of others nothing is claimed but the address. */
const EVIDENCE: Readonly<Record<string, McpDetails['evidence']>> = {
  stdio: 'same_child',
  'in-memory': 'same_process',
}

/** Makes it. */
export function mcpHealth(facts: McpHealthFacts): HealthComponent<McpDetails> {
  const {proof, initialize, discover, tools, lastLife} = facts
  const alive = proof.state === 'ok' || proof.state === 'auth_required'
  const observed = [tools?.at, discover?.at, initialize?.at, alive ? lastLife : null].find((at) => at != null)
  return {
    ...standing(facts, alive),
    limited: Boolean(initialize?.limited || discover?.limited || tools?.limited),
    ...(observed == null ? {} : {observed_at: iso(observed)}),
    details: {
      channel: facts.channel,
      transport: facts.transport,
      ...(facts.child === null
        ? {}
        : {
            child_state: facts.child.state,
            ...(facts.child.generation === null ? {} : {child_generation: facts.child.generation}),
          }),
      initialize_epoch: facts.initializeEpoch,
      ...(facts.discoverEpoch === 0 ? {} : {server_discover_epoch: facts.discoverEpoch}),
      evidence: EVIDENCE[facts.transport] ?? 'same_endpoint',
      liveness: {ok: alive, ...(alive && lastLife !== null ? {observed_at: iso(lastLife)} : {})},
      initialize: introduced(initialize),
      ...(discover === null ? {} : {server_discover: discovered(discover)}),
      tools_list: listed(tools),
    },
  }
}

/** The newest state is the one that names what is known best; one that lost its life is degraded whatever it said. */
function standing(
  {proof, initialize, discover, tools}: McpHealthFacts,
  alive: boolean,
): Pick<HealthComponent, 'status' | 'state' | 'reason_code'> {
  if ('failure' in proof) {
    return {status: 'degraded', state: proof.state === 'failed' ? 'lost' : 'silent', reason_code: proof.failure}
  }
  if (!alive) return {status: 'unknown', state: 'not_observed'}
  if (tools !== null) return {status: 'ok', state: 'discovered'}
  if (discover !== null) return {status: 'ok', state: 'server_discovered'}
  if (initialize !== null) return {status: 'ok', state: 'initialized'}
  if (proof.state === 'auth_required') return {status: 'ok', state: 'auth_required', reason_code: 'mcp_auth'}
  return {status: 'ok', state: 'alive'}
}

function introduced(facts: IntroductionFacts | null): McpDetails['initialize'] {
  if (facts === null) return {ok: false, identity_complete: false, limited: false}
  const {protocolVersions, serverName, serverVersion, capabilities, limited, at} = facts
  const [version] = protocolVersions
  return {
    ok: true,
    identity_complete: version !== undefined && serverName !== '' && serverVersion !== '',
    limited,
    observed_at: iso(at),
    ...(version === undefined ? {} : {protocol_version: version}),
    ...(serverName === '' ? {} : {server_name: serverName}),
    ...(serverVersion === '' ? {} : {server_version: serverVersion}),
    ...(capabilities === null ? {} : {capability_names: capabilities}),
  }
}

const discovered = (facts: IntroductionFacts): NonNullable<McpDetails['server_discover']> => ({
  ok: true,
  observed_at: iso(facts.at),
  limited: facts.limited,
  protocol_versions: facts.protocolVersions,
  ...(facts.capabilities === null ? {} : {capability_names: facts.capabilities}),
  ...(facts.serverName === '' ? {} : {server_name: facts.serverName}),
  ...(facts.serverVersion === '' ? {} : {server_version: facts.serverVersion}),
})

function listed(tools: McpHealthFacts['tools']): McpDetails['tools_list'] {
  if (tools === null) return {ok: false, retained_count: 0, complete: false, partial: false, limited: false}
  const {at, names, complete, limited} = tools
  return {
    ok: true,
    observed_at: iso(at),
    tool_names: names,
    retained_count: names.length,
    complete,
    partial: !complete,
    limited,
  }
}
