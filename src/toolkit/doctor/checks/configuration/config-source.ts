// Which file is being looked at.

import type {ConfigSource} from '../../../../foundation/config/index.ts'
import {configFailure} from '../../advice/config-failure.ts'
import {pass, single} from '../../check.ts'

const named = (source: ConfigSource): string => {
  switch (source.kind) {
    case 'profile-file':
      return `profile file: ${source.path}`
    case 'profile':
      return `profile: ${source.name}`
    case 'config':
      return source.path
    case 'none':
      return 'flags/environment only'
  }
}

export const configSource = single({
  id: 'config_source',
  title: 'One configuration is selected',
  why: 'Two selectors at once, or a name that cannot be a profile, leave it open which configuration is meant.',
  next: ['Give one of --profile, --profile-file and --config, or the variable of the same name'],
  required: true,
  needs: ['problems', 'source'],
  run: async ({fact}) =>
    configFailure(await fact('problems'), {id: 'config_source'}) ?? pass(named(await fact('source'))),
})
