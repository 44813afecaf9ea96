// `runtimes cleanup`: aliases that lead nowhere any more.

import {Flags} from '@oclif/core'
import {adminServiceFlags, BaseCommand, ignoredFlags} from '../../src/toolkit/cli/index.ts'
import {type CleanupReport, cleanupBlocks, cleanupRuntimes, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesCleanup extends BaseCommand<typeof RuntimesCleanup> {
  static override summary = 'List aliases, and drop those without process and profile'
  static override description =
    'Without --apply it only looks. With it the records of aliases that have neither a process nor a profile are dropped; files and tunnels stay.'
  static override examples = ['<%= config.bin %> runtimes cleanup', '<%= config.bin %> runtimes cleanup --apply']
  static override flags = {
    apply: Flags.boolean({summary: 'Drop the entries called stale_alias', default: false}),
    ...ignoredFlags(adminServiceFlags()),
  }

  async run(): Promise<CleanupReport> {
    const {flags} = this
    const report = await withRuntimes(this.surroundings, (context) => cleanupRuntimes({apply: flags.apply}, context))
    this.present(cleanupBlocks(report))
    return report
  }
}
