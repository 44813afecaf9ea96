// The lines that operators and scripts look for after a start.

import type {ConfigSource, TunnelConfig} from '../../foundation/config/index.ts'
import type {Logger} from '../../foundation/platform/index.ts'
import type {ChannelBinding, MemoryBinding} from '../channels/index.ts'
import type {MetadataOutcome} from '../control-plane/index.ts'
import type {Readiness} from '../ops/index.ts'

/** How long the started line waits for the tunnel's name. The start itself does not wait. */
const METADATA_WAIT_MS = 2000
const NO_METADATA = "tunnel meta hasn't fetched"

/** What the summary tells. */
export interface SummaryFacts {
  readonly config: TunnelConfig
  /** MCP servers in this process. */
  readonly servers: readonly MemoryBinding[]
  readonly healthUrl: string | null
  readonly readiness: Readiness
}

/** `tunnel-client startup summary`: everything that one asks first when something is wrong. */
export function logSummary(log: Logger, {config, servers, healthUrl, readiness}: SummaryFacts): void {
  const {source} = config
  const bindings = [...config.mcp.bindings, ...servers]
  const target = bindings.find((binding) => binding.channel === 'main') ?? bindings[0]
  const failing = readiness.reasons.find((reason) => reason.gates && !reason.ok && reason.state !== 'pending')
  log.info('tunnel-client startup summary', {
    health_url: healthUrl ?? '',
    health_url_file: config.health.urlFile ?? '',
    metrics_url: healthUrl === null ? '' : `${healthUrl}/metrics`,
    config_source: configSource(source),
    profile_name: 'name' in source ? source.name : '',
    profile_path: 'name' in source ? source.path : '',
    tunnel_id: config.controlPlane.tunnelId,
    mcp_target_kind: target === undefined ? '' : TARGET_KINDS[target.kind],
    mcp_target_value: target === undefined ? '' : targetText(target),
    first_failing_dependency: failing?.subject ?? '',
  })
}

/** `profile-file:<path>`, `profile:<name>`, `<path>` or `flags/environment`. */
export function configSource(source: ConfigSource): string {
  switch (source.kind) {
    case 'profile-file':
      return `profile-file:${source.path}`
    case 'profile':
      return `profile:${source.name}`
    case 'config':
      return source.path
    case 'none':
      return 'flags/environment'
  }
}

const TARGET_KINDS = {http: 'http-streamable', stdio: 'stdio', memory: 'in-memory'} as const

/** The program without its arguments, or the URL without credentials and query: either may hold secrets. */
function targetText(binding: ChannelBinding): string {
  if (binding.kind === 'stdio') return binding.argv[0] ?? ''
  return binding.kind === 'http' ? publicUrl(binding.url) : ''
}

/** Scheme, host, port and path. */
export const publicUrl = (url: URL): string => `${url.origin}${url.pathname}`

/** Logs `🟢 tunnel-client started` when the tunnel's name is known, or after two seconds without it. */
export function logStarted(
  log: Logger,
  options: {readonly config: TunnelConfig; readonly version: string; readonly metadata: Promise<MetadataOutcome>},
): {cancel(): void} {
  const {controlPlane} = options.config
  let done = false
  const say = (outcome: MetadataOutcome | null): void => {
    if (done) return
    cancel()
    const known = outcome?.kind === 'ok' ? outcome.metadata : null
    log.info('🟢 tunnel-client started', {
      tunnel_id: controlPlane.tunnelId,
      tunnel_url: `${controlPlane.baseUrl.origin}/v1/tunnel/${controlPlane.tunnelId}`,
      name: known?.name ?? NO_METADATA,
      description: known?.description ?? NO_METADATA,
      version: options.version,
    })
  }
  const timer = setTimeout(() => say(null), METADATA_WAIT_MS)
  const cancel = (): void => {
    done = true
    clearTimeout(timer)
  }
  void options.metadata.then(say)
  return {cancel}
}
