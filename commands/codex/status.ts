// `codex status`: Codex, the plugin and the way between them, in one look that changes nothing.

import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {type CodexStatus, codexStatus, pluginProgram, statusBlocks} from '../../src/toolkit/codex/index.ts'

export default class CodexStatusCommand extends BaseCommand<typeof CodexStatusCommand> {
  static override summary = 'Check Codex, its login and the tunnel plugin'
  static override description =
    "Looks for Codex, its app-server, its login and the installed plugin. Leaves Codex's configuration, trust, plugins and login alone, makes no Codex home, and ends with 0 whatever it finds."
  static override examples = ['<%= config.bin %> codex status', '<%= config.bin %> codex status --json']

  async run(): Promise<CodexStatus> {
    const {env, cwd} = this.host
    const program = await pluginProgram(this.config.root, this.config.version)
    const status = await codexStatus({env, cwd, runJs: program.runJs, version: program.version})
    this.present(statusBlocks(status))
    return status
  }
}
