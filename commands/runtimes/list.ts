// `runtimes list`: the aliases of this machine.

import {Flags} from '@oclif/core'
import {
  adminServiceFlags,
  BaseCommand,
  durationFlag,
  givenAdminService,
  givenDuration,
  givenIds,
  idsFlag,
} from '../../src/toolkit/cli/index.ts'
import {listBlocks, listRuntimes, type RuntimeList, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesList extends BaseCommand<typeof RuntimesList> {
  static override summary = 'List runtimes, and on request the tunnels of a scope'
  static override description =
    'Prints alias and tunnel, separated by a tab; on a terminal a table with the state. With a scope it also asks the tunnel service, for what is left of a second; --remote-timeout grants more. Changes nothing.'
  static override examples = [
    '<%= config.bin %> runtimes list',
    '<%= config.bin %> runtimes list --organization-id org_123 --remote-timeout 10s --json',
  ]
  static override flags = {
    ...adminServiceFlags(),
    'organization-id': idsFlag('Also list the tunnels of this organization'),
    'workspace-id': idsFlag('Also list the tunnels of this workspace'),
    'tenant-id': Flags.string({summary: 'Also list the tunnels of this tenant', helpValue: '<id>'}),
    'remote-timeout': durationFlag('How long the tunnel service may take'),
  }

  async run(): Promise<RuntimeList> {
    const {flags, host} = this
    const list = await withRuntimes(this.surroundings, (context) =>
      listRuntimes(
        {
          ...givenAdminService(flags),
          organizationIds: givenIds(flags['organization-id']),
          workspaceIds: givenIds(flags['workspace-id']),
          withState: host.stdout.isTTY || this.jsonEnabled(),
          tenantId: flags['tenant-id'],
          remoteTimeoutMs: givenDuration('remote-timeout', flags['remote-timeout'], null),
        },
        context,
      ),
    )
    this.present(listBlocks(list, {tty: host.stdout.isTTY}))
    if (list.remote_error !== undefined) {
      if (!this.jsonEnabled()) this.tell(`tunnel service: ${list.remote_error}`)
      this.setExit('failed')
    }
    return list
  }
}
