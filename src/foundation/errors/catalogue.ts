// Every stable error code of the product, by subject. docs/errors.md is generated from it and a law compares the two.

import {ADMIN_ERRORS} from './catalogue/admin.ts'
import {CHANNEL_ERRORS} from './catalogue/channels.ts'
import {CLI_ERRORS} from './catalogue/cli.ts'
import {CODEX_ERRORS} from './catalogue/codex.ts'
import {CONFIG_ERRORS} from './catalogue/config.ts'
import {DAEMON_ERRORS} from './catalogue/daemon.ts'
import {LIVE_ERRORS} from './catalogue/live.ts'
import {PROFILE_ERRORS} from './catalogue/profiles.ts'
import {RUNTIME_ERRORS} from './catalogue/runtimes.ts'
import {SDK_ERRORS} from './catalogue/sdk.ts'
import {SERVICE_ERRORS} from './catalogue/service.ts'

/** All codes. Add one by adding a row to the file of its subject in `catalogue/`. */
export const ERRORS = {
  ...ADMIN_ERRORS,
  ...CHANNEL_ERRORS,
  ...CLI_ERRORS,
  ...CODEX_ERRORS,
  ...CONFIG_ERRORS,
  ...DAEMON_ERRORS,
  ...LIVE_ERRORS,
  ...PROFILE_ERRORS,
  ...RUNTIME_ERRORS,
  ...SDK_ERRORS,
  ...SERVICE_ERRORS,
} as const

/** A stable code, `TC-<SUBJECT>-<WHAT>`. */
export type ErrorCode = keyof typeof ERRORS
