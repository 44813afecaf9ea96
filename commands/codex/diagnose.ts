// `codex diagnose`: Codex, plugin, program, folders and one runtime in one report.

import {Args, Flags} from '@oclif/core'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {type CodexDiagnosis, codexDiagnose, diagnosisBlocks, pluginProgram} from '../../src/toolkit/codex/index.ts'
import {checkHealth} from '../../src/toolkit/live/index.ts'

export default class CodexDiagnose extends BaseCommand<typeof CodexDiagnose> {
  static override summary = 'Report on Codex, the plugin and one runtime'
  static override description =
    'codex status, and besides it which program, state root and profile folder count here, and how a runtime is doing. Changes nothing and ends with 0 whatever it finds.'
  static override examples = ['<%= config.bin %> codex diagnose', '<%= config.bin %> codex diagnose docs --json']
  static override args = {alias: Args.string({description: 'Alias of a runtime to look at, too'})}
  static override flags = {
    alias: Flags.string({summary: 'The same as a flag; it wins', helpValue: '<alias>'}),
    'plugin-root': pathFlag('Folder that the plugin was loaded from'),
    'health-url': Flags.string({summary: 'Address of a daemon to probe', helpValue: '<url>'}),
  }

  async run(): Promise<CodexDiagnosis> {
    const {args, flags, host, config, stop} = this
    const program = await pluginProgram(config.root, config.version)
    const diagnosis = await codexDiagnose({
      env: host.env,
      cwd: host.cwd,
      runJs: program.runJs,
      version: program.version,
      pluginRoot: flags['plugin-root'],
      healthUrl: flags['health-url'],
      alias: flags.alias ?? args.alias,
      signal: stop.asked,
      probe: async (url) => {
        const {base_url, healthz, readyz} = await checkHealth({url})
        return {...(base_url === undefined ? {} : {base_url}), healthz, readyz}
      },
    })
    this.present(diagnosisBlocks(diagnosis))
    return diagnosis
  }
}
