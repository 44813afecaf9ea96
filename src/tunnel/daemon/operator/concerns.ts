// What works and still deserves a look, in this daemon: judged from settings and from what was counted lately.

import {isLoopbackAddress, isLoopbackHost, parseListenAddr} from '../../../foundation/platform/index.ts'
import type {Concern} from '../../ops/index.ts'
import type {RelaySnapshot} from '../../relay/index.ts'
import type {DaemonConstants, DaemonParts} from '../facts.ts'
import type {IgnoredProxies} from '../ignored-proxies.ts'

/** What is judged. */
export interface ConcernFacts {
  readonly parts: DaemonParts
  readonly constants: DaemonConstants
  readonly relay: RelaySnapshot | undefined
  readonly ignoredProxies: IgnoredProxies | null
  /** Polls that came back full, lately. */
  readonly fullPolls: boolean
  /** The longest delay of a timer in the last minute, in milliseconds. */
  readonly lagMs: number
}

/** A loop that is late by this much delays every call. */
const LAG_MS = 250

/** All of them, in a fixed order. */
export function concernsOf(facts: ConcernFacts): Concern[] {
  const {parts, constants, relay, ignoredProxies, fullPolls, lagMs} = facts
  const {config} = constants
  const concerns: Concern[] = []
  const add = (id: string, message: string, next: string | null = null): void => {
    concerns.push({id, message, next})
  }
  if (ignoredProxies !== null) {
    const {variables, targets, next} = ignoredProxies
    add('proxy_ignored', `${variables.join(', ')} set and not used for ${targets.join(', ')}`, next)
  }
  if (relay?.poll.idleCutHint) {
    add(
      'idle_cut',
      'something on the way cuts requests that wait',
      'set a shorter control-plane.poll-timeout, for example 25s',
    )
  }
  if (fullPolls) {
    const {maxInflight} = config.controlPlane
    add(
      'max_inflight_binds',
      `polls come back full: more calls wait in the service than control-plane.max-inflight (${maxInflight}) lets in`,
      `set --control-plane.max-inflight ${maxInflight * 4}, or run a second daemon`,
    )
  }
  if (lagMs > LAG_MS) {
    add(
      'event_loop_lag',
      `this process was held up for ${Math.round(lagMs)} ms within the last minute`,
      'give it more CPU; other programs of this host may need less',
    )
  }
  if (config.adminUi.allowRemote && config.health.unixSocket === null && !isLocal(config.health.listenAddr)) {
    add(
      'surface_open',
      `everybody who reaches ${config.health.listenAddr} can read these pages`,
      'leave out --allow-remote-ui, or listen on 127.0.0.1',
    )
  }
  if (parts.metadata?.kind === 'failed' && relay?.poll.state === 'accepted') {
    add('metadata_failed', `the name of the tunnel is not known: ${parts.metadata.failure.message}`)
  }
  if (relay !== undefined && relay.totals.notificationsDropped > 0) {
    const {notificationsDropped} = relay.totals
    add(
      'notifications_dropped',
      `${notificationsDropped} progress notifications were left out because the service took them too slowly`,
    )
  }
  const strays = parts.channels.map((channel) => channel.status()).filter(({strayAnswers = 0}) => strayAnswers > 0)
  if (strays.length > 0) {
    const servers = strays.map(({name, strayAnswers}) => `${name}: ${strayAnswers}`).join(', ')
    add(
      'stray_answers',
      `MCP servers sent answers that belong to no open request (${servers}); whoever waits for one gets none`,
      'the program has to answer every request once, with the id of that request; its log or its maker may say why it does not',
    )
  }
  return concerns
}

function isLocal(listenAddr: string): boolean {
  const host = parseListenAddr(listenAddr)?.host ?? ''
  return host !== '' && (isLoopbackHost(host) || isLoopbackAddress(host))
}
