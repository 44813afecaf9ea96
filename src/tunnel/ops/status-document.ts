// The document of /api/status: the reference's members under their names, and what operators here ask for besides.

import {formatDuration, type HostFacts} from '../../foundation/platform/index.ts'
import type {ChannelProof, PollFacts} from './ports.ts'

/** One channel as the document shows it. */
export interface StatusChannel {
  readonly name: string
  /** `http-streamable`, `stdio`, `in-memory`. */
  readonly transport: string
  readonly builtin: boolean
  /** Whether commands for it are taken. */
  readonly enabled: boolean
  readonly proof: ChannelProof
  readonly details: readonly {readonly key: string; readonly value: string}[]
}

/** What the document is made from. Durations are milliseconds. */
export interface StatusFacts {
  readonly version: string
  readonly instanceId: string
  readonly host: HostFacts
  readonly startedAtWall: number
  readonly nowWall: number
  readonly healthListenAddr: string
  readonly controlPlane: {
    readonly baseUrl: string
    readonly tunnelId: string
    readonly maxInflight: number
    readonly pollTimeout: number
    readonly pollDeadlineGuardrail: number
  }
  readonly poll: PollFacts
  /** Calls that were taken and are not answered yet. */
  readonly callsInFlight: number
  /** URL of the HTTP server of `main`, without credentials; null when `main` is no HTTP server. */
  readonly mcpServerUrl: string | null
  readonly channels: readonly StatusChannel[]
  readonly metadata: {readonly id: string; readonly name: string; readonly description: string} | null
  readonly metadataError: string | null
}

/** Makes the document. Members without a value are left out. */
export function statusDocument(facts: StatusFacts): Record<string, unknown> {
  const {controlPlane, host, metadata, poll} = facts
  return {
    version: facts.version,
    client_instance_id: facts.instanceId,
    started_at: new Date(facts.startedAtWall).toISOString(),
    uptime_seconds: Math.max(0, Math.floor((facts.nowWall - facts.startedAtWall) / 1000)),
    pid: host.pid,
    supervisor_pid: host.supervisorPid,
    user: host.user,
    host: host.host,
    health_listen_addr: facts.healthListenAddr,
    control_plane_base_url: controlPlane.baseUrl,
    control_plane_tunnel_id: controlPlane.tunnelId,
    control_plane_max_inflight: controlPlane.maxInflight,
    control_plane_poll_timeout: formatDuration(controlPlane.pollTimeout),
    control_plane_poll_deadline_guardrail: formatDuration(controlPlane.pollDeadlineGuardrail),
    control_plane_poll: {
      state: poll.state,
      ...(poll.failure === null ? {} : {failure_class: poll.failure}),
      ...(poll.message === null ? {} : {error: poll.message}),
    },
    calls_in_flight: facts.callsInFlight,
    ...(poll.lastSuccessWall === null ? {} : {last_poll_at: new Date(poll.lastSuccessWall).toISOString()}),
    ...(facts.mcpServerUrl === null ? {} : {mcp_server_url: facts.mcpServerUrl}),
    channels: facts.channels.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(channelDocument),
    raw_http_logging_enabled: false,
    ...(metadata === null
      ? {}
      : {tunnel_metadata: {ID: metadata.id, Name: metadata.name, Description: metadata.description}}),
    ...(facts.metadataError === null ? {} : {tunnel_metadata_error: facts.metadataError}),
  }
}

const PROBE_STATUS = {
  pending: 'pending',
  ok: 'ok',
  auth_required: 'auth-required',
  timeout: 'timeout',
  failed: 'failed',
} as const satisfies Record<ChannelProof['state'], string>

const REASONS: Partial<Record<ChannelProof['state'], string>> = {
  auth_required: 'mcp initialize requires auth',
  timeout: 'initial mcp probe timed out',
  failed: 'initial mcp probe failed',
}

function channelDocument(channel: StatusChannel): Record<string, unknown> {
  const {proof} = channel
  const reason = REASONS[proof.state]
  return {
    name: channel.name,
    enabled: channel.enabled,
    server_kind: channel.builtin ? 'builtin' : 'external',
    transport_kind: channel.transport,
    probe_status: PROBE_STATUS[proof.state],
    ...('message' in proof ? {probe_error: proof.message} : {}),
    ...(reason === undefined ? {} : {reason}),
    details: channel.details,
  }
}
