// What the machine can do to the daemon: no more file descriptors, nobody who reads its output, a full disk.

import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import type {Fault} from '../fault.ts'
import type {World} from '../world.ts'
import {BOTH} from './aim.ts'

const everybody = (world: World): void => world.affect(...world.keys)
/** Only the soft limit: the hard one could not be raised again. */
function limitFiles(pid: number, files: number): void {
  const hard = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1])
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${Math.min(files, hard)}:${hard}`])
}

/** Faults of the host. */
export const HOST: readonly Fault[] = [
  {
    // Hardly a connection more than it has: what cannot be opened now waits, nothing is lost.
    name: 'host-no-file-descriptors',
    transports: BOTH,
    tunnel: 'own',
    serviceFlags: {'--response-timeout': '30s'},
    first: true,
    inject: (world) => {
      const {pid} = world.daemon.process
      const open = readdirSync(`/proc/${pid}/fd`).length
      everybody(world)
      limitFiles(pid, open + 8)
      world.undo(() => limitFiles(pid, Number.POSITIVE_INFINITY))
    },
    expect: {affected: ['right'], within: 25_000},
  },
  {
    name: 'host-closed-stdout',
    transports: BOTH,
    tunnel: 'own',
    first: true,
    inject: (world) => {
      everybody(world)
      world.daemon.process.child.stdout?.destroy()
      world.daemon.process.child.stderr?.destroy()
    },
    expect: {affected: ['right']},
  },
  {
    name: 'host-full-disk-for-the-log',
    transports: BOTH,
    tunnel: 'own',
    daemonFlags: {'--log.file': '/dev/full', '--log.level': 'debug'},
    inject: everybody,
    expect: {affected: ['right']},
  },
]
