// What lasts long: minutes of silence, processes that stand still, connections that are cut for being idle.

import {setTimeout as sleep} from 'node:timers/promises'
import {eventually} from '../../../support/eventually.ts'
import type {Fault} from '../fault.ts'
import type {World} from '../world.ts'
import {BOTH} from './aim.ts'

const MINUTE_MS = 60_000
const TIMED_OUT = ['right', 'tunnel_response_timeout', 'tunnel_client_not_seen', 'tunnel_client_not_connected']

/** Stops a process for a while, as a machine does that swaps or whose lid was closed. */
const stopped =
  (pidOf: (world: World) => number, ms: number) =>
  (world: World): Promise<void> =>
    world.affectWhile(async () => {
      await world.ended(32)
      const pid = pidOf(world)
      process.kill(pid, 'SIGSTOP')
      world.undo(() => void process.kill(pid, 'SIGCONT'))
      await sleep(ms)
      process.kill(pid, 'SIGCONT')
    })

const daemonPid = (world: World): number => world.daemon.process.pid
const servicePid = (world: World): number => world.service.process.pid
const serverPid = (world: World): number => world.serverPid()

/** Faults that take their time. */
export const LONG: readonly Fault[] = [
  {
    name: 'idle-cut-30s',
    transports: BOTH,
    tunnel: 'slow',
    daemonFlags: {'--control-plane.poll-timeout': '36s'},
    first: true,
    inject: async (world) => {
      world.affect(...world.keys)
      world.undo(world.control.cutIdle(30_000))
      for (const until = performance.now() + 33_000; performance.now() < until; await sleep(200)) {
        const {status, body} = await world.daemon.get('/readyz')
        if (status !== 200) throw new Error(`an idle cut has made it unready: ${body}`)
      }
    },
    expect: {affected: ['right'], logged: ['idle polls are cut on the way']},
  },
  {
    name: 'control-silent-drop',
    transports: BOTH,
    tunnel: 'slow',
    // Longer than an answer waits for its acknowledgement, by whose absence the daemon notices.
    serviceFlags: {'--response-timeout': '30s'},
    inject: (world) =>
      world.affectWhile(async () => {
        await world.ended(32)
        world.control.dropSilently()
        // The poll alone would notice after its time-out and the guardrail, 35 s; the answers under way notice before.
        const right = async (): Promise<boolean> =>
          (await world.call(`after-the-drop.${performance.now()}`)) === 'right'
        await eventually('a way again', right, {timeoutMs: 20_000})
      }),
    expect: {affected: ['right'], within: 25_000},
  },
  {
    name: 'daemon-stopped-2s',
    transports: BOTH,
    inject: stopped(daemonPid, 2_000),
    expect: {affected: ['right']},
  },
  {
    name: 'service-stopped-2s',
    transports: BOTH,
    inject: stopped(servicePid, 2_000),
    expect: {affected: ['right']},
  },
  {
    name: 'server-stopped-2s',
    transports: BOTH,
    inject: stopped(serverPid, 2_000),
    expect: {affected: ['right']},
  },
  {
    name: 'daemon-stopped-60s',
    transports: BOTH,
    tunnel: 'slow',
    inject: stopped(daemonPid, MINUTE_MS),
    expect: {affected: TIMED_OUT, within: 30_000},
  },
  {
    name: 'service-stopped-60s',
    transports: BOTH,
    tunnel: 'slow',
    inject: stopped(servicePid, MINUTE_MS),
    expect: {affected: TIMED_OUT, within: MINUTE_MS + 15_000},
  },
  {
    name: 'server-stopped-60s',
    transports: BOTH,
    tunnel: 'slow',
    inject: stopped(serverPid, MINUTE_MS),
    expect: {affected: ['right', 'tunnel_response_timeout', 'child_silent', 'child_exited']},
  },
]
