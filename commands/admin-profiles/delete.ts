// `admin-profiles delete`: forgets a profile that nothing uses.

import {Args} from '@oclif/core'
import {text} from '../../src/foundation/platform/index.ts'
import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {type AdminProfileDeleted, deleteAdminProfile} from '../../src/toolkit/runtimes/index.ts'

export default class AdminProfilesDelete extends BaseCommand<typeof AdminProfilesDelete> {
  static override summary = 'Delete an admin profile that no runtime uses'
  static override examples = ['<%= config.bin %> admin-profiles delete work']
  static override args = {name: Args.string({description: 'Name of the profile', required: true})}

  async run(): Promise<AdminProfileDeleted> {
    const report = await deleteAdminProfile(this.args.name, this.host)
    this.present([text(`Deleted admin profile ${this.args.name}`)])
    return report
  }
}
