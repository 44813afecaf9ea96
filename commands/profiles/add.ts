// `profiles add`: a profile from a file or a sample.

import {join} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'
import {addProfile, type SavedProfile, savedBlocks} from '../../src/toolkit/profiles/index.ts'

export default class ProfilesAdd extends BaseCommand<typeof ProfilesAdd> {
  static override summary = 'Add a profile from a file or a sample'
  static override description =
    'The notation of the file is checked before it is saved. What run would refuse, and what this machine lacks, is told as a warning.'
  static override examples = [
    '<%= config.bin %> profiles add work --from-file ./tunnel.yaml',
    '<%= config.bin %> profiles add demo --sample sample_mcp_stdio_local --tunnel-id tunnel_0123456789abcdef0123456789abcdef --mcp-command "python server.py"',
  ]
  static override args = {name: Args.string({required: true, description: 'Name of the profile'})}
  static override flags = {
    'from-file': pathFlag('File to copy'),
    sample: Flags.string({summary: 'Sample to start from', helpValue: '<sample>'}),
    'tunnel-id': Flags.string({summary: 'Id of the tunnel, for a sample', helpValue: '<id>'}),
    'mcp-server-url': Flags.string({summary: 'MCP server over Streamable HTTP, for a sample', helpValue: '<url>'}),
    'mcp-command': Flags.string({summary: 'MCP server over stdio, for a sample', helpValue: '<command>'}),
    force: Flags.boolean({summary: 'Replace a profile of this name'}),
    'profile-dir': pathFlag('Folder of the profiles'),
  }

  async run(): Promise<SavedProfile> {
    const {flags, host} = this
    const saved = await addProfile({
      templates: join(this.config.root, 'templates'),
      env: host.env,
      cwd: host.cwd,
      name: this.args.name,
      profileDir: flags['profile-dir'],
      fromFile: flags['from-file'],
      sample: flags.sample,
      tunnelId: flags['tunnel-id'],
      mcpServerUrl: flags['mcp-server-url'],
      mcpCommand: flags['mcp-command'],
      force: flags.force,
    })
    this.present(savedBlocks('Added', saved))
    return saved
  }
}
