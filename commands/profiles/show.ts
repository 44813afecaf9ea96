// `profiles show`: the text of a profile, without keys.

import {Args} from '@oclif/core'
import {page} from '../../src/foundation/platform/index.ts'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {type ShownProfile, showProfile} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesShow extends BaseCommand<typeof ProfilesShow> {
  static override summary = 'Print a profile'
  static override description =
    'Prints the file as it is, except for keys and header values that stand in it literally.'
  static override examples = ['<%= config.bin %> profiles show demo']
  static override args = {name: Args.string({required: true, description: 'Name of the profile'})}
  static override flags = {
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<ShownProfile> {
    const shown = await showProfile({
      env: this.host.env,
      name: this.args.name,
      profileDir: this.flags['profile-dir'],
    })
    this.present([page(shown.yaml)])
    return shown
  }
}
