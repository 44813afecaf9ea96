// The selected file can be read and understood.

import {configFailure} from '../../advice/config-failure.ts'
import {pass, single} from '../../check.ts'

export const profileLoad = single({
  id: 'profile_load',
  title: 'The selected file can be read and understood',
  why: 'Nothing in a file that cannot be read counts, so the daemon refuses to start with it.',
  next: ['Mend the file at the place named above and run tunnel-client doctor again'],
  required: true,
  needs: ['problems', 'source'],
  run: async ({fact}) => {
    const source = await fact('source')
    const failure = configFailure(await fact('problems'), {id: 'profile_load'})
    return failure ?? pass(source.kind === 'none' ? 'flags/environment only' : source.path)
  },
})
