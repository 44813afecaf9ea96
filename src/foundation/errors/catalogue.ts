// Every stable error code of the product, by subject. docs/errors.md is generated from it and a law compares the two.

import {CHANNEL_ERRORS} from './catalogue/channels.ts'
import {CLI_ERRORS} from './catalogue/cli.ts'
import {CONFIG_ERRORS} from './catalogue/config.ts'
import {DAEMON_ERRORS} from './catalogue/daemon.ts'
import {RUNTIME_ERRORS} from './catalogue/runtimes.ts'
import {SERVICE_ERRORS} from './catalogue/service.ts'

/** All codes. Add one by adding a row to the file of its subject in `catalogue/`. */
export const ERRORS = {
  ...CHANNEL_ERRORS,
  ...CLI_ERRORS,
  ...CONFIG_ERRORS,
  ...DAEMON_ERRORS,
  ...RUNTIME_ERRORS,
  ...SERVICE_ERRORS,
} as const

/** A stable code, `TC-<SUBJECT>-<WHAT>`. */
export type ErrorCode = keyof typeof ERRORS
