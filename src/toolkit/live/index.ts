// Front door of the live room: finding and asking a daemon that runs already.

export {type CallFilter, type CallsClient, withCallsClient} from './calls/ask-calls.ts'
export {type FollowOptions, followCalls} from './calls/follow-calls.ts'
export {callBlocks, callLines, callsBlocks, openText} from './calls/present.ts'
export {askDaemon, type DaemonAnswers, readDaemonPage} from './daemon-documents.ts'
export {
  type DaemonChannel,
  type DaemonStatus,
  readDaemonStatus,
  readHealthUrlFile,
  somebodyListens,
} from './daemon-status.ts'
export {defaultDaemon} from './default-daemon.ts'
export {checkHealth, type HealthOptions, type HealthReport} from './health.ts'
export {type HealthTarget, normalizeHealthUrl, parseHealthUrl, unixHealthUrl} from './health-url.ts'
export type {DaemonLocator, LocatorReport} from './locator.ts'
export {healthBlocks} from './present.ts'
export {type EndpointProbe, type MetricProbe, metricValue} from './probe.ts'
export {type ProcessReport, processIsRunning} from './process-report.ts'
