// Flags that the commands of `codex plugin` share.

import {Flags} from '@oclif/core'
import {pathFlag} from './path-flag.ts'

/** Which Codex. */
export const codexHomeFlag = () => pathFlag('Home of Codex (default $CODEX_HOME, ~/.codex)')

/** Names of variables, one each time. */
export const passEnvFlag = () =>
  Flags.string({
    summary: 'Variable that Codex shall hand to the plugin; its name only',
    helpValue: '<NAME>',
    multiple: true,
    multipleNonGreedy: true,
    default: [],
  })
