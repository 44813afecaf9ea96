// `runtimes stop`: lets a runtime finish and makes sure that it is gone.

import {TunnelError} from '../../src/foundation/errors/index.ts'
import {
  adminServiceFlags,
  aliasArg,
  BaseCommand,
  createStatusLine,
  durationFlag,
  givenAdminService,
  givenDuration,
} from '../../src/toolkit/cli/index.ts'
import {drainLine, type StopReport, stoppedBlocks, stopRuntime, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesStop extends BaseCommand<typeof RuntimesStop> {
  static override summary = 'Stop a runtime when its calls are done'
  static override description =
    'Asks the process to finish and waits, showing the calls that are left; what still runs after --timeout is killed with its process group. A process that is not provably this runtime is never touched.'
  static override examples = [
    '<%= config.bin %> runtimes stop docs',
    '<%= config.bin %> runtimes stop docs --timeout 5s',
  ]
  static override aliases = ['runtimes:disconnect']
  static override args = aliasArg()
  static override flags = {
    ...adminServiceFlags(),
    timeout: durationFlag('How long calls may take to finish (default: the drain time-out and 2s)'),
  }

  async run(): Promise<StopReport> {
    const {args, flags} = this
    const patienceMs = givenDuration('timeout', flags.timeout, undefined)
    const {stderr, env} = this.host
    const status = createStatusLine(stderr, env)
    let shown = ''
    const report = await withRuntimes(this.surroundings, (context) =>
      stopRuntime(
        {
          ...givenAdminService(flags),
          alias: args.alias,
          patienceMs,
          onProgress: (progress) => {
            const line = drainLine(args.alias, progress)
            if (stderr.isTTY && !this.jsonEnabled()) status.show(line)
            else if (line !== shown) this.tell(line)
            shown = line
          },
        },
        context,
      ),
    ).finally(() => status.clear())
    if (report.stop_error !== '') {
      if (!this.jsonEnabled()) throw new TunnelError('TC-RUNTIME-STOP', report.stop_error)
      this.setExit('failed')
    }
    this.present(stoppedBlocks(report, args.alias))
    return report
  }
}
