// The one flag that takes a path: a shell leaves the `~` of `--flag=~/x` to the program.

import {Flags} from '@oclif/core'
import {homePath} from '../../foundation/config/index.ts'

/** A path with `~/` expanded; `~user` is refused with `TC-CLI-USAGE`. */
export const pathFlag = (summary: string) =>
  Flags.string({summary, helpValue: '<path>', parse: async (path) => homePath(path, process.env)})
