// Front door of the runtimes room: daemons that run by themselves, under an alias.

export {
  type AdminProfileDeleted,
  type AdminProfileGiven,
  type AdminProfileList,
  type AdminProfileReport,
  type AdminProfileView,
  activateAdminProfile,
  deleteAdminProfile,
  listAdminProfiles,
  setAdminProfile,
} from './admin-profiles/admin-profiles.ts'
export {adminProfileListBlocks} from './admin-profiles/present.ts'
export {type RuntimesContext, type RuntimesInput, withRuntimes} from './context.ts'
export {runtimeHealthUrlFile} from './local/health-url-file.ts'
export type {RuntimeState} from './local/look.ts'
export {followLog, type LogExcerpt, type LogOptions, runtimeLogs} from './logs/runtime-logs.ts'
export {
  cleanupBlocks,
  connectedBlocks,
  drainLine,
  localListBlocks,
  remoteListBlocks,
  statusBlocks,
  stoppedBlocks,
  unhealthyBlocks,
  waitLine,
} from './present.ts'
export type {DrainProgress} from './process/end.ts'
export {rejectInlineSecret} from './profile/target.ts'
export {type AliasRecord, type ProcessRecord, type Records, readRecords} from './state/records.ts'
export {changeState, type JsonObject, readStateFile, type StateChange} from './state/state-file.ts'
export {resolveStateRoot, type StateRoot, type StateRootInput, stateRootAt} from './state-root.ts'
export {type CleanupReport, cleanupRuntimes} from './verbs/cleanup-runtimes.ts'
export type {ConnectReport} from './verbs/connect-report.ts'
export {type ConnectOptions, connectRuntime} from './verbs/connect-runtime.ts'
export {type CreateReport, createAlias} from './verbs/create-alias.ts'
export {type ListOptions, listRuntimes, type RuntimeList} from './verbs/list-runtimes.ts'
export {type RemoveReport, removeRuntime} from './verbs/remove-runtime.ts'
export {runtimeStatus, type StatusOptions, type StatusResult} from './verbs/runtime-status.ts'
export type {StatusReport} from './verbs/status-report.ts'
export {type StopOptions, type StopReport, stopRuntime} from './verbs/stop-runtime.ts'
