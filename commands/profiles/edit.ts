// `profiles edit`: a profile in the user's editor.

import {join} from 'node:path'
import {Args} from '@oclif/core'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {editProfile, type SavedProfile, savedBlocks} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesEdit extends BaseCommand<typeof ProfilesEdit> {
  static override summary = 'Edit a profile, and check it before it is saved'
  static override description =
    'Opens VISUAL, else EDITOR. A profile that is not there starts from a sample. A text that does not pass the check is kept in a file beside the profile, and the profile stays as it was.'
  static override examples = ['EDITOR="code --wait" <%= config.bin %> profiles edit demo']
  static override args = {name: Args.string({required: true, description: 'Name of the profile'})}
  static override flags = {
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<SavedProfile> {
    const {host} = this
    const saved = await editProfile({
      templates: join(this.config.root, 'templates'),
      env: host.env,
      cwd: host.cwd,
      name: this.args.name,
      profileDir: this.flags['profile-dir'],
      interactive: host.stdin.isTTY && host.stdout.isTTY,
      signal: this.stop.asked,
    })
    this.present(savedBlocks('Saved', saved))
    return saved
  }
}
