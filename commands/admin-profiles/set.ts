// `admin-profiles set`: creates or changes one. Only a reference to the key is stored.

import {Args, Flags} from '@oclif/core'
import {text} from '../../src/foundation/platform/index.ts'
import {BaseCommand} from '../../src/toolkit/cli/index.ts'
import {type AdminProfileReport, setAdminProfile} from '../../src/toolkit/runtimes/index.ts'

export default class AdminProfilesSet extends BaseCommand<typeof AdminProfilesSet> {
  static override summary = 'Create or change an admin profile'
  static override description =
    'What is not given stays as it is stored; a new profile takes CONTROL_PLANE_BASE_URL, CONTROL_PLANE_URL_PATH and env:OPENAI_ADMIN_KEY. Only the reference to the key is stored, never the key.'
  static override examples = [
    '<%= config.bin %> admin-profiles set work --admin-key file:/run/secrets/tunnel-admin --control-plane-base-url https://api.openai.com',
  ]
  static override args = {name: Args.string({description: 'Name of the profile', required: true})}
  static override flags = {
    'control-plane-base-url': Flags.string({summary: 'Address of the tunnel service', helpValue: '<url>'}),
    'control-plane-url-path': Flags.string({summary: 'Path in front of its /v1 routes', helpValue: '</path>'}),
    'admin-key': Flags.string({summary: 'Reference to the admin key: env:NAME or file:PATH', helpValue: '<reference>'}),
    activate: Flags.boolean({summary: 'Make it the active one', default: true, allowNo: true}),
  }

  async run(): Promise<AdminProfileReport> {
    const {args, flags, host} = this
    const report = await setAdminProfile(
      {
        name: args.name,
        baseUrl: flags['control-plane-base-url'],
        urlPath: flags['control-plane-url-path'],
        adminKey: flags['admin-key'],
        activate: flags.activate,
      },
      host,
    )
    const {name, control_plane_base_url} = report.profile
    this.present([text(`Saved admin profile ${name} (${control_plane_base_url})`)])
    return report
  }
}
