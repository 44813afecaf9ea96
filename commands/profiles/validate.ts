// `profiles validate`: would run take this profile?

import {Args, Flags} from '@oclif/core'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {type ProfileVerdict, validateProfile, verdictBlocks} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesValidate extends BaseCommand<typeof ProfilesValidate> {
  static override summary = 'Say whether run would take a profile'
  static override description =
    'Reads the whole profile and lists everything wrong with it. A variable that is not set and a file that is not there are warnings. Ends with 0 when run would take it, with 2 when not. It asks nothing of the network: doctor does.'
  static override examples = ['<%= config.bin %> profiles validate demo']
  static override args = {name: Args.string({required: true, description: 'Name of the profile'})}
  static override flags = {
    strict: Flags.boolean({summary: 'Treat what this machine lacks as a failure'}),
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<ProfileVerdict> {
    const {flags, host} = this
    const verdict = await validateProfile({
      env: host.env,
      cwd: host.cwd,
      name: this.args.name,
      profileDir: flags['profile-dir'],
      strict: flags.strict,
    })
    this.present(verdictBlocks(verdict))
    if (verdict.result !== 'ok') this.setExit('unhealthy')
    return verdict
  }
}
