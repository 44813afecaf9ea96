// What is wrong with a runtime, one sentence each, from what was seen on this machine.

import {hostname} from 'node:os'
import type {EndpointProbe} from '../../live/index.ts'
import type {LiveAdminUi, PathJson} from './details.ts'
import type {LocalRuntime} from './look.ts'
import type {PollHealth} from './poll-health.ts'
import {whereItRuns} from './require-here.ts'

/** Names them in the order in which to look at them. */
export function localIssues(seen: {
  readonly runtime: LocalRuntime
  readonly profile: PathJson
  readonly log: PathJson
  readonly live: LiveAdminUi
  readonly poll: PollHealth
  readonly processRunning: boolean
}): string[] {
  const {runtime, profile, log, live, poll, processRunning} = seen
  const {process, identity, tmux, answers} = runtime
  const seenHere = process !== null && identity.state !== 'elsewhere'
  return [
    process?.mode === 'tmux' && !tmux.running && 'recorded tmux session is not running',
    identity.state === 'gone' && 'recorded process pid is not running',
    identity.state === 'foreign' && identity.why,
    identity.state === 'elsewhere' &&
      `${whereItRuns(identity.host, runtime.name, hostname())}; its state is only known there`,
    process?.profile_path && !profile.exists && 'recorded runtime profile is missing',
    process?.health_url_file && runtime.healthUrl === '' && 'health URL file has not been populated',
    seenHere &&
      answers.healthz.ok &&
      !runtime.answersAreOurs &&
      'the recorded health URL is answered by another daemon',
    seenHere && !answers.healthz.ok && endpointIssue('healthz', answers.healthz),
    seenHere && !answers.readyz.ok && endpointIssue('readyz', answers.readyz),
    seenHere &&
      process.log_path &&
      !tmux.running &&
      !processRunning &&
      log.exists &&
      'runtime log exists but nothing is running',
    live.found && !answers.healthz.ok && `recorded health URL looks stale; a live daemon was found at ${live.base_url}`,
    !['unknown', 'healthy', 'direct'].includes(poll.state) &&
      `control-plane poll route health is ${poll.state}${poll.reason === undefined ? '' : `: ${poll.reason}`}`,
  ].filter((issue) => typeof issue === 'string' && issue !== '') as string[]
}

function endpointIssue(name: string, {status, error, body}: EndpointProbe): string {
  if (error !== undefined) return `${name} is not ok: ${error}`
  if (status === undefined) return `${name} is not ok`
  return `${name} is not ok: HTTP ${status}${body === undefined ? '' : ` ${body}`}`
}
