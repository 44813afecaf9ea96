// `profiles samples list`: what a profile can start from.

import {BaseCommand, ignoredFlags, pathFlag} from '../../../src/toolkit/cli/index.ts'
import {PROFILE_SAMPLES, sampleListBlocks} from '../../../src/toolkit/profiles/index.ts'

export default class ProfilesSamplesList extends BaseCommand<typeof ProfilesSamplesList> {
  static override summary = 'List the samples'
  static override examples = ['<%= config.bin %> profiles samples list']
  static override flags = ignoredFlags({
    'profile-dir': pathFlag('Folder of the profiles'),
  })

  async run(): Promise<readonly {name: string; summary: string}[]> {
    this.present(sampleListBlocks(PROFILE_SAMPLES))
    return PROFILE_SAMPLES.map(({name, summary}) => ({name, summary}))
  }
}
