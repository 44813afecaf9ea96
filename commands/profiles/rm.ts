// `profiles rm`: removes a profile.

import {Args} from '@oclif/core'
import {text} from '../../src/foundation/platform/index.ts'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {profileStore} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesRm extends BaseCommand<typeof ProfilesRm> {
  static override summary = 'Remove a profile'
  static override aliases = ['profiles:remove']
  static override examples = ['<%= config.bin %> profiles rm demo']
  static override args = {name: Args.string({required: true, description: 'Name of the profile'})}
  static override flags = {
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<{profile: string; path: string; removed: true}> {
    const profile = this.args.name.trim()
    const path = await profileStore({env: this.host.env, dir: this.flags['profile-dir']}).remove(profile)
    this.present([text(`Removed profile ${profile} at ${path}`)])
    return {profile, path, removed: true}
  }
}
