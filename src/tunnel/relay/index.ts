// Front door of the relay room: owns time and order between the control plane and the channels.

export {createRelay} from './relay.ts'
export type {CallOutcome, CallTrace} from './trace/call-trace.ts'
export type {
  ChannelDirectory,
  DrainReport,
  LaneStatus,
  PollStateName,
  PollStatus,
  Relay,
  RelayEvent,
  RelayLimits,
  RelayOptions,
  RelaySnapshot,
  RequestKind,
} from './types.ts'
