// `profiles path`: where profiles lie.

import {Args} from '@oclif/core'
import {text} from '../../src/foundation/platform/index.ts'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {profileStore} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesPath extends BaseCommand<typeof ProfilesPath> {
  static override summary = 'Print where a profile lies, or the folder of all'
  static override description = 'Prints the path whether or not the file is there; --json tells that, too.'
  static override examples = ['<%= config.bin %> profiles path', '<%= config.bin %> profiles path demo']
  static override args = {name: Args.string({description: 'Name of the profile'})}
  static override flags = {
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<{dir: string; profile?: string; path?: string; exists?: boolean}> {
    const store = profileStore({env: this.host.env, dir: this.flags['profile-dir']})
    const name = this.args.name?.trim()
    if (name === undefined) {
      this.present([text(store.dir)])
      return {dir: store.dir}
    }
    const path = store.path(name)
    this.present([text(path)])
    return {dir: store.dir, profile: name, path, exists: await store.has(name)}
  }
}
