// `runtimes status`: how one runtime is doing.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../src/foundation/errors/index.ts'
import {
  adminServiceFlags,
  aliasArg,
  BaseCommand,
  durationFlag,
  givenAdminService,
  givenDuration,
} from '../../src/toolkit/cli/index.ts'
import {runtimeStatus, type StatusReport, statusBlocks, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesStatus extends BaseCommand<typeof RuntimesStatus> {
  static override summary = 'Show how a runtime is doing'
  static override description =
    'Looks at the records, the process and the health endpoints, and asks the tunnel service about the tunnel for what is left of a second. Changes nothing. With --check it ends with 2 unless a call would work now.'
  static override examples = [
    '<%= config.bin %> runtimes status docs',
    '<%= config.bin %> runtimes status docs --check --json',
  ]
  static override args = aliasArg()
  static override flags = {
    ...adminServiceFlags(),
    check: Flags.boolean({summary: 'End with 2 unless the runtime is ready'}),
    'remote-timeout': durationFlag('How long the tunnel service may take'),
  }

  async run(): Promise<StatusReport> {
    const {args, flags, host} = this
    const {report, gone} = await withRuntimes(this.surroundings, (context) =>
      runtimeStatus(
        {
          ...givenAdminService(flags),
          alias: args.alias,
          remoteTimeoutMs: givenDuration('remote-timeout', flags['remote-timeout'], null),
        },
        context,
      ),
    )
    if (gone && !this.jsonEnabled()) throw new TunnelError('TC-RUNTIME-REMOTE', report.error)
    this.present(statusBlocks(report, {tty: host.stdout.isTTY}))
    if (gone || (flags.check && !report.ready)) this.setExit('unhealthy')
    return report
  }
}
