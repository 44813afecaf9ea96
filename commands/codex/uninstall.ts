// `codex uninstall`: how people remove Codex itself. Prints commands, runs none.

import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {guideBlocks, type InstallGuide, installGuide} from '../../src/toolkit/codex/index.ts'

export default class CodexUninstall extends BaseCommand<typeof CodexUninstall> {
  static override summary = 'Print the commands that remove Codex'
  static override description =
    'Names the package manager that suits this machine and the command to give it. Nothing is run.'
  static override examples = ['<%= config.bin %> codex uninstall']

  async run(): Promise<InstallGuide> {
    const guide = await installGuide('uninstall', this.host)
    this.present(guideBlocks(guide))
    return guide
  }
}
