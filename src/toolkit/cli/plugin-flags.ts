// Flags that the commands of `codex plugin` share.

import {Flags} from '@oclif/core'

/** Which Codex. */
export const codexHomeFlag = () =>
  Flags.string({summary: 'Home of Codex (default $CODEX_HOME, ~/.codex)', helpValue: '<path>'})

/** Names of variables, one each time. */
export const passEnvFlag = () =>
  Flags.string({
    summary: 'Variable that Codex shall hand to the plugin; its name only',
    helpValue: '<NAME>',
    multiple: true,
    multipleNonGreedy: true,
    default: [],
  })
