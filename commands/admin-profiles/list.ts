// `admin-profiles list`: what is stored, and which one is active. Changes nothing.

import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {type AdminProfileList, adminProfileListBlocks, listAdminProfiles} from '../../src/toolkit/runtimes/index.ts'

export default class AdminProfilesList extends BaseCommand<typeof AdminProfilesList> {
  static override summary = 'List the admin profiles'
  static override examples = ['<%= config.bin %> admin-profiles list --json']

  async run(): Promise<AdminProfileList> {
    const list = await listAdminProfiles(this.host)
    this.present(adminProfileListBlocks(list))
    return list
  }
}
