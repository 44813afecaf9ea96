// `runtimes connect`: the daemon of an alias runs by itself, with these settings.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../src/foundation/errors/index.ts'
import {
  adminServiceFlags,
  BaseCommand,
  createStatusLine,
  durationFlag,
  givenAdminService,
  givenDuration,
  givenTunnelWish,
  pathFlag,
  tunnelWishFlags,
} from '../../src/toolkit/cli/index.ts'
import {
  type ConnectReport,
  connectedBlocks,
  connectRuntime,
  drainLine,
  unhealthyBlocks,
  waitLine,
  withRuntimes,
} from '../../src/toolkit/runtimes/index.ts'

const HEALTHY_MS = 10_000
const READY_MS = 60_000

export default class RuntimesConnect extends BaseCommand<typeof RuntimesConnect> {
  static override summary = 'Run a daemon for an MCP server in the background'
  static override description =
    'Finds or creates the tunnel, writes a profile and starts the daemon by itself; one that runs with the same settings is kept, one with other settings is replaced. Ends with 2 when it does not answer in time. With --wait it returns when calls would work: a poll was accepted and the MCP server answered.'
  static override examples = [
    '<%= config.bin %> runtimes connect --alias docs --tunnel-id tunnel_0123456789abcdef0123456789abcdef --mcp-server-url http://127.0.0.1:3001/mcp --wait',
    '<%= config.bin %> runtimes connect --alias files --organization-id org_123 --mcp-command "npx -y @modelcontextprotocol/server-everything"',
  ]
  static override flags = {
    ...adminServiceFlags(),
    ...tunnelWishFlags({
      name: 'Name of a tunnel to find or create (default: the alias)',
      description: 'Description of a tunnel to create',
    }),
    'tunnel-id': Flags.string({summary: 'Use this tunnel; needs no admin key', helpValue: '<tunnel_id>'}),
    profile: Flags.string({summary: 'Name of the profile to write (default: the alias)', helpValue: '<name>'}),
    'profile-dir': pathFlag('Folder of profiles'),
    'mcp-server-url': Flags.string({summary: 'MCP server at an address', helpValue: '<url>'}),
    'mcp-command': Flags.string({summary: 'MCP server on stdio', helpValue: '<command>'}),
    'runtime-api-key': Flags.string({
      summary: 'Reference to the runtime key (default env:CONTROL_PLANE_API_KEY)',
      helpValue: '<reference>',
    }),
    'tunnel-client-bin': pathFlag('Only this program is accepted'),
    wait: Flags.boolean({summary: 'Return when calls would work'}),
    timeout: durationFlag('How long that may take (default 10s, with --wait 60s)'),
  }

  async run(): Promise<ConnectReport> {
    const {flags} = this
    const until = flags.wait ? 'ready' : 'healthy'
    const status = createStatusLine(this.host.stderr, this.jsonEnabled() ? {TERM: 'dumb'} : this.host.env)
    const report = await withRuntimes(this.surroundings, (context) =>
      connectRuntime(
        {
          ...givenAdminService(flags),
          ...givenTunnelWish(flags),
          tunnelId: flags['tunnel-id'],
          profile: flags.profile,
          profileDir: flags['profile-dir'],
          serverUrl: flags['mcp-server-url'],
          command: flags['mcp-command'],
          runtimeKey: flags['runtime-api-key'],
          tunnelClientBin: flags['tunnel-client-bin'],
          until,
          waitMs: givenDuration('timeout', flags.timeout, flags.wait ? READY_MS : HEALTHY_MS),
          onProgress: (progress) => {
            this.tell(drainLine(flags.alias, progress))
          },
          onWait: (progress) => status.show(waitLine(flags.alias, progress)),
        },
        context,
      ),
    ).finally(() => status.clear())
    const reached = until === 'ready' ? report.ready : report.healthy
    if (reached) this.present(connectedBlocks(report))
    else {
      this.present(unhealthyBlocks(report, until))
      if (report.remote_error !== '' && !this.jsonEnabled())
        throw new TunnelError('TC-RUNTIME-REMOTE', report.remote_error)
      this.setExit('unhealthy')
    }
    return report
  }
}
