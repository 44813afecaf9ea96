// Front door of the daemon room: one tunnel, composed and kept alive.

export {createDaemon} from './create-daemon.ts'
export {openDaemonLog} from './open-log.ts'
export {type RunDaemonOptions, runDaemon, type StopRequests} from './run-daemon.ts'
export type {Daemon, DaemonLog, DaemonOptions, DaemonUrls, StopRequest} from './types.ts'
