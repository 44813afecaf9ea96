// Feeds the metrics from the relay's events: the one place that knows both.

import type {DaemonMetrics} from '../ops/index.ts'
import type {RelayEvent} from '../relay/index.ts'

/** Counts one event. Cheap: it runs for every call. */
export function countRelayEvent(metrics: DaemonMetrics, event: RelayEvent): void {
  switch (event.type) {
    case 'poll_started':
      metrics.pollStarted()
      break
    case 'poll_finished':
      metrics.pollFinished(event)
      break
    case 'commands_polled':
      metrics.commandsPolled(event)
      break
    case 'command_age':
      metrics.commandAge(event.ms)
      break
    case 'command_dropped':
      metrics.commandDropped(event.reason)
      break
    case 'unsupported_channel':
      metrics.unsupportedChannel(event.commandType)
      break
    case 'command_finished':
      metrics.commandFinished(event)
      break
    case 'call_finished':
      metrics.callEnded(event.trace)
      break
    case 'poll_state':
      if (event.status.failure !== null) metrics.pollFailing(event.status.failure)
      break
    case 'response_posted':
      metrics.responsePosted(event.outcome)
      break
    case 'notifications_dropped':
      metrics.notificationsDropped(event.channel, event.count)
      break
    default:
  }
}
