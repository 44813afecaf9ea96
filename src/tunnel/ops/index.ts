// Front door of the ops room: what operators and orchestrators see of a running daemon.

export type {
  CallDetailDocument,
  CallDocument,
  CallListDocument,
  CallPhaseDocument,
  CallPhaseName,
  CallTurn,
  ListedCallDocument,
} from './api/calls.ts'
export type {
  ChannelDocument,
  HealthDocument,
  LogEventDocument,
  McpHealthDocument,
  SeriesDocument,
  StateDocument,
  VerdictDocument,
} from './api/index.ts'
export {type CallsSource, type CallsSourceOptions, createCallsSource} from './calls/calls-source.ts'
export type {TracedCall} from './calls/traced-call.ts'
export type {HealthFacts} from './health/health-documents.ts'
export type {IntroductionFacts, McpHealthFacts} from './health/mcp-health.ts'
export type {OpsListen} from './listen/listen-ops.ts'
export {createLogBuffer, type LogBuffer, type LogEvent} from './log-buffer.ts'
export {
  createDaemonMetrics,
  type DaemonMetrics,
  type FinishedCommand,
  type MetricsSource,
} from './metrics/daemon-metrics.ts'
export {METRICS, type MetricRow} from './metrics/rows.ts'
export {createOpsServer, type OpsOptions, type OpsServer} from './ops-server.ts'
export type {ChannelFacts, ChannelProof, OauthFacts, OpsAddress, PollFacts, ReadinessFacts} from './ports.ts'
export {judgeReadiness, type Readiness, type ReadinessReason} from './readiness.ts'
export {type RunFile, writePidFile, writeTokenFile, writeUrlFile} from './run-files.ts'
export {createSeries, type EndedCall, type Series} from './series/series.ts'
export type {OpsSources} from './sources.ts'
export {type ChannelStateFacts, type StateFacts, stateDocument} from './state/state-document.ts'
export {judge, type VerdictWords} from './state/verdict.ts'
export {VerdictHistory} from './state/verdict-history.ts'
export {type Concern, WarningBoard} from './state/warnings.ts'
export {type StatusChannel, type StatusFacts, statusDocument} from './status-document.ts'
export {createStreamHub, type StreamHub} from './stream/stream-hub.ts'
