// `runtimes list`: the aliases of this machine.

import {Flags} from '@oclif/core'
import {
  adminServiceFlags,
  BaseCommand,
  createStatusLine,
  durationFlag,
  givenAdminService,
  givenDuration,
  givenIds,
  idsFlag,
} from '../../src/toolkit/cli/index.ts'
import {
  listRuntimes,
  localListBlocks,
  type RuntimeList,
  remoteListBlocks,
  withRuntimes,
} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesList extends BaseCommand<typeof RuntimesList> {
  static override summary = 'List runtimes, and on request the tunnels of a scope'
  static override description =
    'Prints alias and tunnel, separated by a tab; on a terminal a table with the state. With a scope it also asks the tunnel service. What this machine knows is printed first, and stays when the service does not answer. Changes nothing.'
  static override examples = [
    '<%= config.bin %> runtimes list',
    '<%= config.bin %> runtimes list --organization-id org_123 --remote-timeout 10s --json',
  ]
  static override flags = {
    ...adminServiceFlags(),
    'organization-id': idsFlag('Also list the tunnels of this organization'),
    'workspace-id': idsFlag('Also list the tunnels of this workspace'),
    'tenant-id': Flags.string({summary: 'Also list the tunnels of this tenant', helpValue: '<id>'}),
    'remote-timeout': durationFlag('How long the tunnel service may take (default 30s)'),
  }

  async run(): Promise<RuntimeList> {
    const {flags, host} = this
    const {isTTY: tty} = host.stdout
    const status = createStatusLine(host.stderr, this.jsonEnabled() ? {TERM: 'dumb'} : host.env)
    let shown = false
    const list = await withRuntimes(this.surroundings, (context) =>
      listRuntimes(
        {
          ...givenAdminService(flags),
          organizationIds: givenIds(flags['organization-id']),
          workspaceIds: givenIds(flags['workspace-id']),
          withState: tty || this.jsonEnabled(),
          tenantId: flags['tenant-id'],
          remoteTimeoutMs: givenDuration('remote-timeout', flags['remote-timeout'], null),
          onLocal: (local, {baseUrl, timeoutMs}) => {
            shown = true
            this.present(localListBlocks(local, {tty}))
            status.show(`asking ${baseUrl} for tunnels, at most ${Math.ceil(timeoutMs / 1000)} s …`)
          },
        },
        context,
      ),
    ).finally(() => status.clear())
    this.present([...(shown ? [] : localListBlocks(list, {tty})), ...remoteListBlocks(list, {tty})])
    if (list.remote_error !== undefined) {
      if (!this.jsonEnabled()) this.tell(`tunnel service: ${list.remote_error}`)
      this.setExit('failed')
    }
    return list
  }
}
