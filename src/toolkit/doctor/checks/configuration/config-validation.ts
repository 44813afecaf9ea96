// Everything else that is wrong with the configuration. Shown only when something is.

import {configFailure} from '../../advice/config-failure.ts'
import {single} from '../../check.ts'

export const configValidation = single({
  id: 'config_validation',
  title: 'All values can be used',
  why: 'The daemon refuses to start with a value it cannot use, rather than run with another one.',
  next: ['Mend the values named above and run tunnel-client doctor again'],
  required: true,
  needs: ['problems'],
  run: async ({fact}) => configFailure(await fact('problems'), {id: 'config_validation'}),
})
