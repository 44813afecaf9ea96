// `init`: a first profile from flags, checked so that `run` takes it.

import {join} from 'node:path'
import {Flags} from '@oclif/core'
import {BaseCommand, pathFlag} from '../src/toolkit/cli/index.ts'
import {type InitResult, initBlocks, initProfile} from '../src/toolkit/profiles/index.ts'

export default class Init extends BaseCommand<typeof Init> {
  static override summary = 'Create a first profile that doctor and run can use'
  static override description =
    'Writes a profile from a sample. Addresses, references and the command are checked before anything is saved; a variable that is not set yet is only a warning. A profile that is there is left alone without --force.'
  static override examples = [
    '<%= config.bin %> init --tunnel-id tunnel_0123456789abcdef0123456789abcdef --mcp-server-url http://127.0.0.1:3001/mcp --profile demo',
    '<%= config.bin %> init --tunnel-id tunnel_0123456789abcdef0123456789abcdef --mcp-command "python server.py" --profile local',
    '<%= config.bin %> profiles samples list',
  ]
  static override flags = {
    profile: Flags.string({summary: 'Name of the profile', default: 'sample_mcp_with_dcr', helpValue: '<name>'}),
    sample: Flags.string({
      summary: 'Sample to start from (default sample_mcp_stdio_local with --mcp-command, else sample_mcp_with_dcr)',
      helpValue: '<sample>',
    }),
    'profile-dir': pathFlag('Folder of the profiles'),
    force: Flags.boolean({summary: 'Replace a profile of this name'}),
    'tunnel-id': Flags.string({summary: 'Id of the tunnel (env CONTROL_PLANE_TUNNEL_ID)', helpValue: '<id>'}),
    'control-plane-base-url': Flags.string({
      summary: 'Address of the tunnel service (env CONTROL_PLANE_BASE_URL; default https://api.openai.com)',
      helpValue: '<url>',
    }),
    'control-plane-url-path': Flags.string({
      summary: 'Path below that address (env CONTROL_PLANE_URL_PATH)',
      helpValue: '</path>',
    }),
    'control-plane-api-key-ref': Flags.string({
      summary: 'Where the runtime key is found when the daemon starts: env:NAME or file:PATH',
      default: 'env:CONTROL_PLANE_API_KEY',
      helpValue: '<reference>',
    }),
    'mcp-server-url': Flags.string({summary: 'MCP server over Streamable HTTP', helpValue: '<url>'}),
    'mcp-command': Flags.string({summary: 'MCP server over stdio', helpValue: '<command>'}),
    'health-listen-addr': Flags.string({
      summary: 'Where the daemon answers health questions; port 0 takes a free one',
      default: '127.0.0.1:8080',
      helpValue: '<host:port>',
    }),
    'open-web-ui': Flags.boolean({
      summary: 'Write open_browser into the profile; this version has no page to open yet',
    }),
  }

  async run(): Promise<InitResult> {
    const {flags, host} = this
    const result = await initProfile({
      templates: join(this.config.root, 'templates'),
      env: host.env,
      cwd: host.cwd,
      profile: flags.profile,
      sample: flags.sample,
      profileDir: flags['profile-dir'],
      force: flags.force,
      tunnelId: flags['tunnel-id'],
      controlPlaneBaseUrl: flags['control-plane-base-url'],
      controlPlaneUrlPath: flags['control-plane-url-path'],
      apiKeyRef: flags['control-plane-api-key-ref'],
      mcpServerUrl: flags['mcp-server-url'],
      mcpCommand: flags['mcp-command'],
      healthListenAddr: flags['health-listen-addr'],
      openBrowser: flags['open-web-ui'],
    })
    this.present(initBlocks(result))
    return result
  }
}
