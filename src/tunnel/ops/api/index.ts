// The documents of the operator API, for those who read them: the daemon's own pages, the command line, a browser.

export type {ApiErrorDocument} from './error.ts'
export type {
  ComponentDocument,
  DiscoverReceipt,
  HealthComponent,
  HealthDocument,
  HealthStatus,
  InitializeReceipt,
  McpDetails,
  McpHealthDocument,
  ToolsReceipt,
} from './health.ts'
export type {SeriesColumn, SeriesDocument} from './series.ts'
export type {
  ChangeDocument,
  ChannelDocument,
  ChannelVerdict,
  ChildDocument,
  FailedCallDocument,
  HopDocument,
  HopStatus,
  IdentityDocument,
  LimitsDocument,
  PollDocument,
  StateDocument,
  VerdictDocument,
  VerdictStatus,
  WarningDocument,
} from './state.ts'
export type {GapDocument, LogEventDocument, StreamEventType, StreamFrames} from './stream.ts'
