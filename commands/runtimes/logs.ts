// `runtimes logs`: what a runtime wrote.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../src/foundation/errors/index.ts'
import {page, printableLines} from '../../src/foundation/platform/index.ts'
import {aliasArg, BaseCommand} from '../../src/toolkit/cli/index.ts'
import {followLog, type LogExcerpt, runtimeLogs, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesLogs extends BaseCommand<typeof RuntimesLogs> {
  static override summary = 'Show the log of a runtime'
  static override description =
    'Prints the last 100 lines, or those since a moment, and with --follow what comes until Ctrl-C. What the process printed besides its log, for example why a start failed, is shown by --raw.'
  static override examples = [
    '<%= config.bin %> runtimes logs docs --follow',
    '<%= config.bin %> runtimes logs docs --since 10m --tail 20',
    '<%= config.bin %> runtimes logs docs --raw',
  ]
  static override args = aliasArg()
  static override flags = {
    follow: Flags.boolean({summary: 'Go on with what is written from now on'}),
    since: Flags.string({summary: 'Only what was written since: 10m, or an RFC 3339 instant', helpValue: '<moment>'}),
    tail: Flags.integer({summary: 'Most lines to print (default 100; with --since all)', min: 0}),
    raw: Flags.boolean({summary: 'The raw output of the process instead of its log'}),
  }

  async run(): Promise<LogExcerpt | undefined> {
    const {args, flags, host} = this
    const {follow, since, raw} = flags
    if (follow && this.jsonEnabled()) {
      throw new TunnelError('TC-CLI-USAGE', '--follow cannot be combined with --json: JSON is one document')
    }
    const tail = flags.tail ?? (since === undefined ? 100 : null)
    return await withRuntimes(this.surroundings, async (context) => {
      const {excerpt, offset} = await runtimeLogs({alias: args.alias, tail, since, raw}, context)
      if (excerpt.lines.length > 0) this.present([page(excerpt.lines.join('\n'))])
      if (!follow) return excerpt
      const {signal} = context
      await followLog({
        path: excerpt.path,
        offset,
        signal,
        onText: (written) => host.stdout.write(printableLines(written)),
      })
      this.setExit('interrupted')
      return undefined
    })
  }
}
