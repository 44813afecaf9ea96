// Front door of the daemon room: one tunnel, composed and kept alive.

export {createDaemon} from './create-daemon.ts'
export {configureDaemon} from './run/configure.ts'
export {openDaemonLog} from './run/open-log.ts'
export {type RunDaemonOptions, runDaemon, type StopRequests} from './run/run-daemon.ts'
export type {Daemon, DaemonLog, DaemonOptions, DaemonUrls, StopRequest} from './types.ts'
