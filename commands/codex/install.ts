// `codex install`: how people install Codex itself. Prints commands, runs none.

import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {guideBlocks, type InstallGuide, installGuide} from '../../src/toolkit/codex/index.ts'

export default class CodexInstall extends BaseCommand<typeof CodexInstall> {
  static override summary = 'Print the commands that install Codex'
  static override description =
    'Names the package manager that suits this machine and the command to give it. Nothing is run.'
  static override examples = ['<%= config.bin %> codex install']

  async run(): Promise<InstallGuide> {
    const guide = await installGuide('install', this.host)
    this.present(guideBlocks(guide))
    return guide
  }
}
