// Front door of the runtimes room: daemons that run by themselves, under an alias.

export {normalizeAlias} from './state/alias-name.ts'
export {appendHistory, type HistoryAction, type HistoryEntry, utcSeconds} from './state/history.ts'
export type {AliasRecord, ProcessRecord, Records} from './state/records.ts'
export {readRecords} from './state/records.ts'
export {changeState, type JsonObject, readStateFile, type StateChange} from './state/state-file.ts'
export {ensureStateFolders, resolveStateRoot, type StateRoot, type StateRootInput, stateRootAt} from './state-root.ts'
