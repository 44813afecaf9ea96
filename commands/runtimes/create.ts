// `runtimes create`: an alias with a tunnel, nothing running yet.

import {Flags} from '@oclif/core'
import {text} from '../../src/foundation/platform/index.ts'
import {adminServiceFlags, BaseCommand, givenAdminService, givenIds, idsFlag} from '../../src/toolkit/cli/index.ts'
import {type CreateReport, createAlias, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesCreate extends BaseCommand<typeof RuntimesCreate> {
  static override summary = 'Give an alias a tunnel: the one it has, one of that name, or a new one'
  static override examples = ['<%= config.bin %> runtimes create --alias docs --organization-id org_123']
  static override flags = {
    ...adminServiceFlags(),
    alias: Flags.string({summary: 'Alias of the runtime', required: true, helpValue: '<alias>'}),
    name: Flags.string({summary: 'Name of the tunnel (default: the alias)'}),
    description: Flags.string({summary: 'Description of the tunnel'}),
    'organization-id': idsFlag('Organization that owns the tunnel'),
    'workspace-id': idsFlag('Workspace that owns the tunnel'),
  }

  async run(): Promise<CreateReport> {
    const {flags, host} = this
    const report = await withRuntimes(
      {env: host.env, cwd: host.cwd, version: this.config.version, signal: this.stop.asked},
      (context) =>
        createAlias(
          {
            ...givenAdminService(flags),
            alias: flags.alias,
            name: flags.name,
            description: flags.description,
            organizationIds: givenIds(flags['organization-id']),
            workspaceIds: givenIds(flags['workspace-id']),
          },
          context,
        ),
    )
    this.present([text(`Created alias ${report.alias} for tunnel ${report.tunnel.id}`)])
    return report
  }
}
