// Flags that the commands of `admin` share.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../foundation/errors/index.ts'
import {configFlags, givenConfigFlags} from './config-flags.ts'
import type {CliHost} from './host.ts'
import {givenIds} from './runtime-flags.ts'

const ROWS: readonly string[] = ['control_plane.base_url', 'control_plane.url_path', 'ca_bundle']

/** Which tunnel service, and with which key. */
export const adminFlags = () => ({
  ...configFlags({only: ({key}) => ROWS.includes(key)}),
  'admin-key': Flags.string({
    summary: 'Reference to the admin key: env:NAME or file:PATH (env OPENAI_ADMIN_KEY holds the key itself)',
    helpValue: '<reference>',
  }),
})

/** Values of {@link adminFlags}, as the management client wants them. */
export const givenAdmin = (
  flags: Readonly<Record<string, unknown>> & {readonly 'admin-key': string | undefined},
  {host, version}: {readonly host: CliHost; readonly version: string},
) => ({
  flags: givenConfigFlags(flags),
  env: host.env,
  cwd: host.cwd,
  adminKey: flags['admin-key'],
  version,
})

/** Ids of a scope; undefined when the flag was not given. @throws TunnelError `TC-CLI-USAGE` when one is named twice. */
export function givenScope(name: string, given: readonly string[] | undefined): string[] | undefined {
  if (given === undefined) return undefined
  const ids = givenIds(given)
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at)
  if (twice.length === 0) return ids
  throw new TunnelError('TC-CLI-USAGE', `duplicate ${name} values: ${twice.join(', ')}`, {next: ['Name each one once']})
}
