// Which way packets take: pure configuration, no name is looked up.

import {traceRung} from '../../ladder/trace-rung.ts'

export const route = traceRung({
  id: 'route',
  title: 'There is a way to the destination',
  why: 'A wrong rule sends the packets to a machine that cannot help.',
  next: ['Look at the rule named above'],
})
