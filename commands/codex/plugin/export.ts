// `codex plugin export`: the plugin as a folder, to read it or to carry it elsewhere.

import {BaseCommand, passEnvFlag, pathFlag} from '../../../src/toolkit/cli/index.ts'
import {type ExportReport, exportBlocks, exportPlugin, findSurroundings} from '../../../src/toolkit/codex/index.ts'

export default class CodexPluginExport extends BaseCommand<typeof CodexPluginExport> {
  static override summary = 'Write the tunnel plugin into a folder'
  static override description =
    'The same files that codex plugin install uses, with the paths of this machine. Files of the same names are overwritten, others stay.'
  static override examples = ['<%= config.bin %> codex plugin export --dir ./tunnel-mcp']
  static override flags = {
    dir: pathFlag('Folder to write to (required)'),
    'pass-env': passEnvFlag(),
  }

  async run(): Promise<ExportReport> {
    const {flags, host, config} = this
    const {env, cwd} = host
    const report = await exportPlugin({
      ...(await findSurroundings({env, cwd, root: config.root, version: config.version})),
      cwd,
      dir: flags.dir,
      passEnv: flags['pass-env'],
    })
    this.present(exportBlocks(report))
    return report
  }
}
