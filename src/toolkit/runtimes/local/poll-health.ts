// Whether a daemon reaches the control plane, in the reference's words, from whichever page the daemon has.

import {isObject} from '../state/state-file.ts'
import type {LiveAdminUi} from './details.ts'

/** `state`: `direct`, `healthy`, `unhealthy` or `unknown`. */
export interface PollHealth {
  readonly state: string
  readonly reason?: string
  readonly route?: unknown
  readonly last_check?: unknown
  readonly last_success?: unknown
  readonly history?: unknown
}

/** From the reference's `/api/system`, else from the polls that `/api/status` tells of. */
export function pollHealth(live: LiveAdminUi): PollHealth {
  if (!live.found) return {state: 'unknown', reason: 'no daemon answers for this alias'}
  const routes = Array.isArray(live.system?.proxy_health) ? live.system.proxy_health.filter(isObject) : []
  const entry = routes.find(({route}) => isObject(route) && route.kind === 'control_plane')
  if (entry !== undefined) {
    const {health_state: state, route, last_check, last_success, history} = entry
    if (typeof state === 'string' && state !== '') return {state, route, last_check, last_success, history}
    return {state: 'unknown', reason: 'the daemon does not tell the state of the route', route}
  }
  const poll = live.status.control_plane_poll
  const last_success = live.status.last_poll_at
  if (!isObject(poll)) return {state: 'unknown', reason: 'the daemon does not tell about its polls'}
  if (poll.state === 'accepted') return {state: 'healthy', last_success}
  if (poll.state === 'failing' || poll.state === 'stale') {
    return {state: 'unhealthy', reason: String(poll.error ?? poll.failure_class ?? poll.state), last_success}
  }
  return {state: 'unknown', reason: 'no poll was accepted yet'}
}
