// `profiles samples show`: what a sample is for, what it takes, and its text.

import {join} from 'node:path'
import {Args} from '@oclif/core'
import {BaseCommand, ignoredFlags, pathFlag} from '../../../src/toolkit/cli/index.ts'
import {sampleBlocks, sampleJson, showSample} from '../../../src/toolkit/profiles/index.ts'

export default class ProfilesSamplesShow extends BaseCommand<typeof ProfilesSamplesShow> {
  static override summary = 'Show a sample and what it takes'
  static override examples = ['<%= config.bin %> profiles samples show sample_mcp_with_dcr']
  static override args = {name: Args.string({required: true, description: 'Name of the sample'})}
  static override flags = ignoredFlags({
    'profile-dir': pathFlag('Folder of the profiles'),
  })

  async run(): Promise<Record<string, unknown>> {
    const shown = await showSample({templates: join(this.config.root, 'templates'), name: this.args.name})
    this.present(sampleBlocks(shown))
    return sampleJson(shown)
  }
}
