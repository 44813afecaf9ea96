// The name of the first machine that gets our packets.

import {traceRung} from '../../ladder/trace-rung.ts'

export const resolve = traceRung({
  id: 'resolve',
  title: 'The name has an address',
  why: 'Without an address nothing can be connected.',
  next: ['Check the spelling of the host name, VPN and DNS server: getent hosts NAME'],
})
