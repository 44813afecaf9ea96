// Flags and arguments that the commands of `runtimes` share.

import {Args, Flags, type Interfaces} from '@oclif/core'
import {TunnelError} from '../../foundation/errors/index.ts'
import {parseDuration} from '../../foundation/platform/index.ts'

/** Which tunnel service, and with which admin key. */
export const adminServiceFlags = () => ({
  'admin-profile': Flags.string({summary: 'Admin profile to use', helpValue: '<name>'}),
  'admin-key': Flags.string({summary: 'Reference to the admin key: env:NAME or file:PATH', helpValue: '<reference>'}),
  'control-plane-base-url': Flags.string({summary: 'Address of the tunnel service', helpValue: '<url>'}),
  'control-plane-url-path': Flags.string({summary: 'Path in front of its /v1 routes', helpValue: '</path>'}),
})

/** Values of {@link adminServiceFlags}. */
export const givenAdminService = (flags: {
  readonly 'admin-profile': string | undefined
  readonly 'admin-key': string | undefined
  readonly 'control-plane-base-url': string | undefined
  readonly 'control-plane-url-path': string | undefined
}) => ({
  adminProfile: flags['admin-profile'],
  adminKey: flags['admin-key'],
  baseUrl: flags['control-plane-base-url'],
  urlPath: flags['control-plane-url-path'],
})

/** Flags of the reference that a command accepts and has no use for: known to the parser, not shown in its help. */
export const ignoredFlags = (flags: Readonly<Record<string, Interfaces.OptionFlag<string | undefined>>>) =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, {...flag, hidden: true}]))

/** Ids, repeated or separated by commas; blanks are dropped. */
export const idsFlag = (summary: string) =>
  Flags.string({summary, multiple: true, multipleNonGreedy: true, delimiter: ',', helpValue: '<id>'})

/** Values of an {@link idsFlag}. */
export const givenIds = (ids: readonly string[] | undefined): string[] =>
  (ids ?? []).map((id) => id.trim()).filter((id) => id !== '')

/** Which runtime. */
export const aliasArg = () => ({alias: Args.string({description: 'Alias of the runtime', required: true})})

/** Which tunnel an alias shall have. The summaries say what is done with it. */
export const tunnelWishFlags = (summaries: {readonly name: string; readonly description: string}) => ({
  alias: Flags.string({summary: 'Alias of the runtime', required: true, helpValue: '<alias>'}),
  name: Flags.string({summary: summaries.name}),
  description: Flags.string({summary: summaries.description}),
  'organization-id': idsFlag('Organization that owns the tunnel'),
  'workspace-id': idsFlag('Workspace that owns the tunnel'),
})

/** Values of {@link tunnelWishFlags}. */
export const givenTunnelWish = (flags: {
  readonly alias: string
  readonly name: string | undefined
  readonly description: string | undefined
  readonly 'organization-id': readonly string[] | undefined
  readonly 'workspace-id': readonly string[] | undefined
}) => ({
  alias: flags.alias,
  name: flags.name,
  description: flags.description,
  organizationIds: givenIds(flags['organization-id']),
  workspaceIds: givenIds(flags['workspace-id']),
})

/** A duration as text, read by {@link givenDuration}. */
export const durationFlag = (summary: string) => Flags.string({summary, helpValue: '<duration>'})

/** Milliseconds; `preset` when the flag was not given. @throws TunnelError `TC-CLI-USAGE` */
export function givenDuration<T>(name: string, text: string | undefined, preset: T): number | T {
  if (text === undefined) return preset
  const read = parseDuration(text)
  if (read.ok && read.ms >= 0) return read.ms
  const problem = read.ok ? 'it must not be negative' : read.problem
  throw new TunnelError('TC-CLI-USAGE', `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${problem}`)
}
