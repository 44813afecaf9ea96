// `codex upgrade`: how people upgrade Codex itself. Prints commands, runs none.

import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {guideBlocks, type InstallGuide, installGuide} from '../../src/toolkit/codex/index.ts'

export default class CodexUpgrade extends BaseCommand<typeof CodexUpgrade> {
  static override summary = 'Print the commands that upgrade Codex'
  static override description =
    'Names the package manager that suits this machine and the command to give it. Nothing is run.'
  static override examples = ['<%= config.bin %> codex upgrade']

  async run(): Promise<InstallGuide> {
    const guide = await installGuide('upgrade', this.host)
    this.present(guideBlocks(guide))
    return guide
  }
}
