// What the machine can do to the daemon: nobody who reads its output, a full disk.

import type {Fault} from '../fault.ts'
import type {World} from '../world.ts'
import {BOTH} from './aim.ts'

const everybody = (world: World): void => world.affect(...world.keys)
/** Faults of the host. */
export const HOST: readonly Fault[] = [
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
