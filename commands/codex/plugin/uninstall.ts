// `codex plugin uninstall`: Codex as it was before the plugin.

import {Flags} from '@oclif/core'
import {BaseCommand, codexHomeFlag} from '../../../src/toolkit/cli/index.ts'
import {type UninstallReport, uninstallBlocks, uninstallPlugin} from '../../../src/toolkit/codex/index.ts'

export default class CodexPluginUninstall extends BaseCommand<typeof CodexPluginUninstall> {
  static override summary = 'Remove the tunnel plugin from Codex'
  static override description =
    'Puts config.toml back as it was before the install; if it was changed since, only what belongs to the plugin is taken out. Runtimes, profiles and logs stay.'
  static override examples = [
    '<%= config.bin %> codex plugin uninstall',
    '<%= config.bin %> codex plugin uninstall --marketplace tunnels',
  ]
  static override flags = {
    'codex-home': codexHomeFlag(),
    marketplace: Flags.string({summary: 'Marketplace that it was installed from (default debug)', helpValue: '<name>'}),
  }

  async run(): Promise<UninstallReport> {
    const {flags, host, stop} = this
    const report = await uninstallPlugin({
      env: host.env,
      cwd: host.cwd,
      codexHome: flags['codex-home'],
      marketplace: flags.marketplace,
      signal: stop.asked,
    })
    this.present(uninstallBlocks(report))
    return report
  }
}
