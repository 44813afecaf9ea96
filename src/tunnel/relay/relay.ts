// Composes the relay of one tunnel: poller, lanes, answers, and the procedure by which it stops.

import {createTimerWheel, InFlight} from '../../foundation/platform/index.ts'
import type {Core} from './core.ts'
import {Dispatcher} from './dispatcher.ts'
import {createDrain, type Drain, NOTHING_TO_DRAIN} from './drain.ts'
import {createPollDelays} from './polling/poll-delays.ts'
import {createPollEvidence} from './polling/poll-evidence.ts'
import {Poller} from './polling/poller.ts'
import {createWitness} from './polling/witness.ts'
import {SeenSet} from './seen-set.ts'
import {Tracer} from './trace/tracer.ts'
import type {Relay, RelayOptions, RelaySnapshot} from './types.ts'

/** The relay of one tunnel. Nothing happens before `start()`. */
export function createRelay(options: RelayOptions): Relay {
  const {client, channels, limits, clock} = options
  const emit = options.onEvent ?? (() => {})
  const pollLog = options.log.child({component: 'controlplane'})
  const wheel = createTimerWheel({clock})
  const evidence = createPollEvidence({
    clock,
    maxAge: limits.pollTimeout + limits.pollDeadlineGuardrail,
    emit,
  })
  const core: Core = {
    client,
    clock,
    wheel,
    limits,
    log: options.log.child({component: 'dispatcher'}),
    deliveries: new InFlight(),
    seen: new SeenSet({ttl: limits.connectionMaxTtl, now: () => clock.now()}),
    totals: {polled: 0, delivered: 0, undelivered: 0, duplicates: 0, notificationsDropped: 0, posting: 0},
    emit,
    tracer: new Tracer(clock),
    onSilence: (at) => poller.doubt(at),
  }
  let phase: RelaySnapshot['phase'] = 'idle'
  let drain: Drain | null = null
  let serviceRun: string | null = null

  const dispatcher = new Dispatcher({
    core,
    channels,
    onSpace: () => poller.kick(),
    onOver: (fate) => drain?.onOver(fate),
    onParked: () => drain?.onParked(),
  })
  const witness = createWitness({
    client,
    clock,
    wheel,
    log: pollLog,
    emit,
    wanted: () => phase === 'running' && !evidence.isAccepted(),
    poll: () => evidence.status(),
  })
  const poller = new Poller({
    client,
    clock,
    wheel,
    log: pollLog,
    pollTimeout: limits.pollTimeout,
    pollDeadlineGuardrail: limits.pollDeadlineGuardrail,
    delays: createPollDelays({now: () => clock.now()}),
    evidence,
    emit,
    free: () => dispatcher.free,
    advise: options.advise ?? (() => ({})),
    take: ({commands, rejected, dropped, serviceRun: run, comesAgain}) => {
      if (run !== null && serviceRun !== null && run !== serviceRun) dispatcher.forsake()
      serviceRun = run ?? serviceRun
      core.totals.polled += commands.length
      dispatcher.refuse(rejected, dropped)
      const before = core.totals.duplicates
      const enqueued = dispatcher.take(commands, comesAgain)
      return {enqueued, repeated: core.totals.duplicates - before}
    },
    refuse: (slice, done) => {
      core.totals.polled += slice.commands.length
      emit({type: 'commands_polled', polled: slice.commands.length, enqueued: 0})
      dispatcher.refuseSlice(slice, done)
    },
    onUnproved: witness,
    onEnded: () => drain?.onPollEnded(),
  })

  const start = (): void => {
    if (phase !== 'idle') return
    phase = 'running'
    core.log.info('dispatcher channels registered', {
      channels: channels.list().map(({name}) => ({
        name,
        priority: 0,
        routable_now: true,
        supports_mcp: true,
        supports_oauth: name === 'main',
      })),
    })
    pollLog.info('starting control-plane poller')
    poller.start()
  }

  const halt = (): void => {
    if (phase === 'stopped') return
    phase = 'stopped'
    poller.stopPolling('context canceled')
    poller.abortAll()
    dispatcher.kill()
  }

  return {
    start,
    drain(ms) {
      if (phase !== 'running') return drain?.report ?? Promise.resolve(NOTHING_TO_DRAIN)
      phase = 'draining'
      drain = createDrain({core, dispatcher, poller, ms, halt})
      return drain.report
    },
    async stop() {
      halt()
      drain?.onPollEnded()
    },
    snapshot() {
      const {posting, ...totals} = core.totals
      return {
        phase,
        poll: evidence.status(),
        polls: poller.counts(),
        queue: dispatcher.lanes.queue(),
        workers: dispatcher.lanes.workers(),
        posting,
        lanes: dispatcher.lanes.list(),
        totals,
      }
    },
  }
}
