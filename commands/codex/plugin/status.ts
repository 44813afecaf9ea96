// `codex plugin status`: would the installed plugin start?

import {Flags} from '@oclif/core'
import {BaseCommand, codexHomeFlag} from '../../../src/toolkit/cli/index.ts'
import {
  findSurroundings,
  type PluginStatus,
  pluginStatus,
  pluginStatusBlocks,
} from '../../../src/toolkit/codex/index.ts'

export default class CodexPluginStatus extends BaseCommand<typeof CodexPluginStatus> {
  static override summary = 'Check that the installed tunnel plugin would start'
  static override description =
    'Reads what is installed: whether it is enabled, and whether the paths of Node and of tunnel-client in it still lead to this program. Changes nothing. Ends with 0 when all is well, with 2 when it is not.'
  static override examples = ['<%= config.bin %> codex plugin status', '<%= config.bin %> codex plugin status --json']
  static override flags = {
    'codex-home': codexHomeFlag(),
    marketplace: Flags.string({summary: 'Marketplace (default: the one that counts)', helpValue: '<name>'}),
  }

  async run(): Promise<PluginStatus> {
    const {flags, host, config} = this
    const {env, cwd} = host
    const {program} = await findSurroundings({env, cwd, root: config.root, version: config.version})
    const status = await pluginStatus({
      env,
      cwd,
      codexHome: flags['codex-home'],
      marketplace: flags.marketplace,
      program,
    })
    this.present(pluginStatusBlocks(status))
    if (status.state !== 'installed') this.setExit('unhealthy')
    return status
  }
}
