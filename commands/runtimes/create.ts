// `runtimes create`: an alias with a tunnel, nothing running yet.

import {text} from '../../src/foundation/platform/index.ts'
import {
  adminServiceFlags,
  BaseCommand,
  givenAdminService,
  givenTunnelWish,
  tunnelWishFlags,
} from '../../src/toolkit/cli/index.ts'
import {type CreateReport, createAlias, withRuntimes} from '../../src/toolkit/runtimes/index.ts'

export default class RuntimesCreate extends BaseCommand<typeof RuntimesCreate> {
  static override summary = 'Assign a tunnel to an alias, creating one if needed'
  static override examples = ['<%= config.bin %> runtimes create --alias docs --organization-id org_123']
  static override flags = {
    ...adminServiceFlags(),
    ...tunnelWishFlags({name: 'Name of the tunnel (default: the alias)', description: 'Description of the tunnel'}),
  }

  async run(): Promise<CreateReport> {
    const {flags} = this
    const report = await withRuntimes(this.surroundings, (context) =>
      createAlias({...givenAdminService(flags), ...givenTunnelWish(flags)}, context),
    )
    this.present([text(`Created alias ${report.alias} for tunnel ${report.tunnel.id}`)])
    return report
  }
}
