// Feeds the metrics from the relay's events: the one place that knows both.

import type {DaemonMetrics} from '../ops/index.ts'
import type {RelayEvent} from '../relay/index.ts'

/** Counts one event. Cheap: it runs for every call. */
export function countRelayEvent(metrics: DaemonMetrics, event: RelayEvent): void {
  switch (event.type) {
    case 'poll_started':
      return metrics.pollStarted()
    case 'poll_finished':
      return metrics.pollFinished(event)
    case 'commands_polled':
      return metrics.commandsPolled(event)
    case 'command_age':
      return metrics.commandAge(event.ms)
    case 'command_dropped':
      return metrics.commandDropped(event.reason)
    case 'unsupported_channel':
      return metrics.unsupportedChannel(event.commandType)
    case 'command_finished':
      return metrics.commandFinished(event)
    default:
  }
}
