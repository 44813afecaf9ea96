// Where the UI will be.

import {pass, single, skip} from '../../check.ts'

export const ui = single({
  id: 'ui',
  title: 'The UI has an address',
  why: 'People look at a running daemon there.',
  next: ['Mend health_listener first'],
  required: false,
  needs: ['listener'],
  run: async ({fact}) => {
    const seen = await fact('listener')
    if (seen.state === 'taken') return skip('blocked by health listener check')
    if (seen.state === 'ours') return pass(`${seen.url}/ui`, {source: 'daemon'})
    if (seen.kind === 'unix') return pass('inspect startup summary or HEALTH_URL_FILE for the Unix-socket admin URL')
    if (!seen.ephemeral) return pass(`${seen.url}/ui`)
    return pass('ephemeral port; inspect startup summary or HEALTH_URL_FILE for the final /ui URL')
  },
})
