// Errors of managing tunnels, and of the admin profiles that say where and with which key.

import type {ErrorRow} from './row.ts'

const row = (title: string, ...next: string[]): ErrorRow => ({title, exit: 'failed', next})

export const ADMIN_ERRORS = {
  'TC-ADMIN-KEY': row(
    'There is no key that may manage tunnels',
    'Export OPENAI_ADMIN_KEY, or write --admin-key env:NAME or --admin-key file:PATH',
  ),
  'TC-ADMIN-REFUSED': row('The tunnel service refused a management request'),
  'TC-ADMIN-NO-ANSWER': row(
    'A management request got no complete answer',
    'Check --control-plane.base-url and the network; tunnel-client doctor names the broken step',
  ),
  'TC-ADMIN-ANSWER': row(
    'The answer to a management request is not one of a tunnel service',
    'Check --control-plane.base-url and --control-plane.url-path',
  ),
  'TC-ADMIN-NOT-READY': row(
    'A tunnel was created, but it could not be read within the time given',
    'Read it again in a moment with tunnel-client admin tunnels get',
  ),
  'TC-ADMIN-PROFILE-UNKNOWN': row('There is no admin profile of this name', 'Run tunnel-client admin-profiles list'),
  'TC-ADMIN-PROFILE-INVALID': row(
    'An admin profile cannot be saved like this',
    'Name it with letters and numbers, and give its key as env:NAME or file:PATH',
  ),
  'TC-ADMIN-PROFILE-IN-USE': row(
    'An admin profile is still needed by a runtime',
    'Stop and remove the runtime first: tunnel-client runtimes stop, then tunnel-client runtimes rm',
  ),
} as const satisfies Record<string, ErrorRow>
