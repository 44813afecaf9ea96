// `runtimes rm`: forgets an alias on this machine.

import {Flags} from '@oclif/core'
import {note, text} from '../../src/foundation/platform/index.ts'
import {adminServiceFlags, aliasArg, BaseCommand, ignoredFlags} from '../../src/toolkit/cli/index.ts'
import {type RemoveReport, removeRuntime, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesRm extends BaseCommand<typeof RuntimesRm> {
  static override summary = 'Forget a stopped runtime; its tunnel stays'
  static override examples = ['<%= config.bin %> runtimes rm docs']
  static override aliases = ['runtimes:remove']
  static override args = aliasArg()
  static override flags = {
    ...ignoredFlags(adminServiceFlags()),
    'lost-host': Flags.string({
      summary: 'Also forget a runtime of this host, which no longer exists',
      helpValue: '<name>',
    }),
  }

  async run(): Promise<RemoveReport> {
    const {args, flags} = this
    const report = await withRuntimes(this.surroundings, (context) =>
      removeRuntime(args.alias, context, {lostHost: flags['lost-host']}),
    )
    this.present([
      text(`Removed local runtime metadata for ${args.alias}`),
      ...report.kept_paths.map((path) => note(`${path} is a profile of somebody else and stays`)),
    ])
    return report
  }
}
