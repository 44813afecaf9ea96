// `codex plugin install`: Codex learns to manage tunnels.

import {Flags} from '@oclif/core'
import {BaseCommand, codexHomeFlag, passEnvFlag} from '../../../src/toolkit/cli/index.ts'
import {findSurroundings, type InstallReport, installBlocks, installPlugin} from '../../../src/toolkit/codex/index.ts'

export default class CodexPluginInstall extends BaseCommand<typeof CodexPluginInstall> {
  static override summary = 'Install the tunnel plugin into Codex'
  static override description =
    'With Codex on this machine the plugin is installed by Codex itself, from a marketplace folder of ours; without it the files go where Codex finds them later. Running it again refreshes paths and variables. When it fails, everything is as before; codex plugin uninstall puts config.toml back to the byte.'
  static override examples = [
    '<%= config.bin %> codex plugin install',
    '<%= config.bin %> codex plugin install --pass-env DOCS_TOKEN --marketplace tunnels',
  ]
  static override flags = {
    'codex-home': codexHomeFlag(),
    marketplace: Flags.string({
      summary: 'Name of the marketplace to install from (default debug)',
      helpValue: '<name>',
    }),
    'pass-env': passEnvFlag(),
  }

  async run(): Promise<InstallReport> {
    const {flags, host, stop, config} = this
    const {env, cwd} = host
    const report = await installPlugin({
      ...(await findSurroundings({env, cwd, root: config.root, version: config.version})),
      env,
      cwd,
      codexHome: flags['codex-home'],
      marketplace: flags.marketplace,
      passEnv: flags['pass-env'],
      signal: stop.asked,
    })
    this.present(installBlocks(report))
    return report
  }
}
