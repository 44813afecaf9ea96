// Where the page for people would be. Scripts know this row; as long as there is no page, no address is claimed.

import {single, skip} from '../../check.ts'

export const ui = single({
  id: 'ui',
  title: 'The UI has an address',
  why: 'People look at a running daemon there.',
  next: ['Look at a running daemon with tunnel-client health and tunnel-client trace'],
  required: false,
  needs: ['listener'],
  run: async ({fact}) => {
    const seen = await fact('listener')
    return skip(seen.state === 'taken' ? 'blocked by health listener check' : 'this version serves no page at /ui')
  },
})
