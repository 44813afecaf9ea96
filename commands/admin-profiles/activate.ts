// `admin-profiles activate`: the profile that `runtimes` uses when nothing else is said.

import {Args} from '@oclif/core'
import {text} from '../../src/foundation/platform/index.ts'
import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {type AdminProfileReport, activateAdminProfile} from '../../src/toolkit/runtimes/index.ts'

export default class AdminProfilesActivate extends BaseCommand<typeof AdminProfilesActivate> {
  static override summary = 'Make an admin profile the active one'
  static override examples = ['<%= config.bin %> admin-profiles activate work']
  static override args = {name: Args.string({description: 'Name of the profile', required: true})}

  async run(): Promise<AdminProfileReport> {
    const report = await activateAdminProfile(this.args.name, this.host)
    this.present([text(`Activated admin profile ${report.profile.name}`)])
    return report
  }
}
