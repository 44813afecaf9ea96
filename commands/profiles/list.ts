// `profiles list`: the profiles of the folder.

import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {listBlocks, type ProfileEntry, profileStore} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesList extends BaseCommand<typeof ProfilesList> {
  static override summary = 'List the profiles'
  static override examples = ['<%= config.bin %> profiles list', '<%= config.bin %> profiles list --json']
  static override flags = {
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<readonly ProfileEntry[]> {
    const store = profileStore({env: this.host.env, dir: this.flags['profile-dir']})
    const profiles = await store.list()
    this.present(listBlocks(profiles, store.dir))
    return profiles
  }
}
