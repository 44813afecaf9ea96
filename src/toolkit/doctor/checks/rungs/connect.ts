// TCP, or the unix socket, to the first machine that gets our packets.

import {traceRung} from '../../ladder/trace-rung.ts'

export const connect = traceRung({
  id: 'connect',
  title: 'The first machine accepts connections',
  why: 'Nothing above works while nobody accepts the connection.',
  next: ['Check that something listens there, and that no firewall is in between'],
})
