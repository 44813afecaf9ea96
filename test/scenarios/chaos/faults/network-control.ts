// What happens to connections between the daemon and the service.

import type {Fault} from '../fault.ts'
import {BOTH, onAcknowledgement} from './aim.ts'

/** Faults of the way to the service. */
export const NETWORK_CONTROL: readonly Fault[] = [
  {
    // The service has the answer, the daemon does not know: it posts again, and 404 means delivered.
    name: 'acknowledgement-lost',
    transports: BOTH,
    inject: onAcknowledgement(({socket}) => {
      socket.resetAndDestroy()
    }),
    expect: {affected: ['right']},
  },
]
