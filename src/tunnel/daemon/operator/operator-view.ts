// What operators see of this daemon, kept up to date as things happen: the verdict and since when it holds, the series, the
// event stream. Exists only where there is a surface to show it on.

import {type FailureClass, failureNext} from '../../../foundation/errors/index.ts'
import {
  createSeries,
  createStreamHub,
  judge,
  type OpsSources,
  type Readiness,
  type StateDocument,
  type StreamHub,
  stateDocument,
  VerdictHistory,
  type VerdictWords,
  WarningBoard,
} from '../../ops/index.ts'
import type {CallTrace, RelayEvent} from '../../relay/index.ts'
import type {DaemonConstants, DaemonParts, OperatorFigures} from '../facts.ts'
import {ignoredProxies} from '../ignored-proxies.ts'
import type {DaemonLog} from '../types.ts'
import {concernsOf} from './concerns.ts'
import {createFullPolls} from './full-polls.ts'
import {healthFacts} from './health-facts.ts'
import {stateFacts} from './state-facts.ts'

/** The sources of the routes that stand on this view. */
export type ViewSources = Pick<OpsSources, 'state' | 'stream' | 'series' | 'health'>

/** The view of one daemon. */
export interface OperatorView extends OperatorFigures {
  /** Cheap: it runs for every call. */
  onRelayEvent(event: RelayEvent): void
  /** Readiness may have changed. */
  changed(): void
  start(): void
  /** Ends streams and timers. Idempotent. */
  stop(): void
  readonly sources: ViewSources
}

/** What {@link createOperatorView} needs. */
export interface OperatorViewOptions {
  readonly parts: DaemonParts
  readonly constants: DaemonConstants
  readonly log: DaemonLog
  readonly readiness: () => Readiness
  /** Names of all channels. */
  readonly channels: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** A call as the API shows it. */
  readonly callDocument: (trace: CallTrace) => unknown
}

/** While somebody reads the stream, the state is sent at least this often, in milliseconds. */
const REFRESH_MS = 5000

/** A view of a daemon that has not started. */
export function createOperatorView(options: OperatorViewOptions): OperatorView {
  const {parts, constants, log, readiness} = options
  const {config, clock, identity} = constants
  const history = new VerdictHistory()
  const warnings = new WarningBoard()
  const fullPolls = createFullPolls({clock, most: Math.min(25, config.controlPlane.maxInflight)})
  const ignored = ignoredProxies(config, options.env as NodeJS.ProcessEnv)
  const series = createSeries({
    clock,
    channels: options.channels,
    gauges: () => {
      const relay = parts.relay?.snapshot()
      const last = relay?.poll.lastSuccessWall ?? null
      return {
        queued: relay?.queue.length ?? 0,
        running: relay?.workers.occupancy ?? 0,
        poll_age_ms: last === null ? null : Math.max(0, clock.wall() - last),
      }
    },
  })
  let lastCommand: number | null = null
  let refreshed = 0

  const words: VerdictWords = {
    get wasReady() {
      return history.wasReady
    },
    name: (subject) => nameOf(subject, parts, constants),
    next: nextStep,
  }
  const verdict = () => {
    const noted = history.note(judge(readiness(), words), clock.wall())
    if (noted.change !== null) {
      const {at, from, to, sentence} = noted.change
      hub.event({kind: 'lifecycle', name: 'verdict', at, from, to, sentence})
      hub.stateChanged()
    }
    return noted.verdict
  }
  const state = (): StateDocument => {
    const now = verdict()
    const relay = parts.relay?.snapshot()
    const concerns = concernsOf({
      parts,
      constants,
      relay,
      ignoredProxies: ignored,
      fullPolls: fullPolls.bind(),
      lagMs: series.lag(),
    })
    return stateDocument(
      stateFacts(parts, constants, {
        streamId: hub.lastId(),
        readiness: readiness(),
        verdict: now,
        warnings: warnings.note(concerns, clock.wall()),
        changes: history.changes,
        lastCommand,
        series,
        streamReaders: hub.readers(),
      }),
    )
  }
  const hub: StreamHub<CallTrace> = createStreamHub<CallTrace>({
    run: identity.instanceId.slice(0, 12),
    state,
    // Whoever was not shown the start of a call that is over needs its end only.
    call: (trace, phase) => (phase === 'started' && trace.outcome !== 'open' ? null : options.callDocument(trace)),
  })
  let unwatch = (): void => {}
  let stopped = false
  const look = (): void => {
    verdict()
    if (hub.readers() === 0 || clock.now() - refreshed < REFRESH_MS) return
    refreshed = clock.now()
    hub.stateChanged()
  }

  return {
    onRelayEvent: (event) => {
      switch (event.type) {
        case 'call_started':
          hub.call(event.trace, 'started')
          break
        case 'call_finished':
          if (event.trace.kind === 'call') series.ended(event.trace)
          hub.call(event.trace, 'finished')
          break
        case 'commands_polled':
          lastCommand = clock.wall()
          fullPolls.note(event.polled)
          break
        default:
      }
    },
    changed: () => {
      verdict()
      hub.stateChanged()
    },
    start: () => {
      unwatch = log.buffer.watch(({seq, record}) => {
        const {time, level, message, attrs} = record
        hub.event({kind: 'log', seq, at: new Date(time).toISOString(), level, message, attrs})
      })
      verdict()
      series.start(look)
    },
    stop: () => {
      if (stopped) return
      stopped = true
      const at = new Date(clock.wall()).toISOString()
      hub.event({kind: 'lifecycle', name: 'end', at, from: null, to: null, sentence: 'The daemon ends.'})
      unwatch()
      series.stop()
      hub.close()
    },
    readers: () => hub.readers(),
    lag: () => series.lag(),
    sources: {
      state,
      health: () => healthFacts(parts, constants, readiness()),
      stream: (response, request) => {
        verdict()
        return hub.attach({response, ...request})
      },
      series: (range) => {
        verdict()
        return series.document(range, {
          limits: {queue: config.controlPlane.maxInflight, running: config.mcp.maxConcurrentRequests},
          changes: history.changes,
        })
      },
    },
  }
}

function nameOf(subject: string, parts: DaemonParts, {config, scrub}: DaemonConstants): string {
  if (subject === 'control_plane') return `the tunnel service (${config.controlPlane.baseUrl.origin})`
  if (subject === 'oauth') return 'OAuth discovery'
  if (!subject.startsWith('mcp:')) return subject
  const name = subject.slice('mcp:'.length)
  const target = parts.channels.find((channel) => channel.name === name)?.status().target ?? ''
  const server = `the MCP server of channel ${name}`
  return target === '' ? server : `${server} (${scrub(target)})`
}

/** One step, the same that the log suggests. */
const nextStep = (subject: string, failure: FailureClass | null): string | null =>
  failure === null ? null : failureNext(failure, subject.startsWith('mcp:') ? 'mcp' : 'service')
