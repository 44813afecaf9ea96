// `run`: the daemon in the foreground, until a signal.

import {Flags} from '@oclif/core'
import {TunnelError} from '../src/foundation/errors/index.ts'
import {createIdentity, text} from '../src/foundation/platform/index.ts'
import type {McpStub} from '../src/service/mcp-stub/index.ts'
import {BaseCommand, configFlags, givenConfigFlags} from '../src/toolkit/cli/index.ts'
import {configureDaemon, openDaemonLog, runDaemon} from '../src/tunnel/daemon/index.ts'

export default class Run extends BaseCommand<typeof Run> {
  static override summary = 'Connect an MCP server to its tunnel and keep it connected'
  static override description =
    'Polls the tunnel service over outbound HTTPS, hands each message to the MCP server and posts the answer back. The first SIGTERM or SIGINT finishes what was taken, the second ends at once. Configuration comes from flags, then the environment, then a profile or YAML file.'
  static override examples = [
    '<%= config.bin %> run --embedded-mcp-stub --control-plane.tunnel-id tunnel_0123456789abcdef0123456789abcdef',
    '<%= config.bin %> run --mcp.command "npx -y @modelcontextprotocol/server-everything" --health.listen-addr 127.0.0.1:0 --health.url-file ./health.url',
    '<%= config.bin %> run --profile work',
  ]
  static override lifetime = 'daemon' as const
  static override strict = false
  static override flags = {
    ...configFlags(),
    'embedded-mcp-stub': Flags.boolean({
      summary: 'Serve a demo MCP server in this process as channel main',
      allowNo: true,
    }),
    'embedded-mcp-listen-addr': Flags.string({
      summary: 'Where the demo MCP server listens',
      helpValue: '<host:port>',
      default: '127.0.0.1:0',
    }),
    'embedded-mcp-server-name': Flags.string({summary: 'Its name', default: 'mcp-stub'}),
    'embedded-mcp-server-version': Flags.string({summary: 'Its version', default: '0.1.0'}),
  }

  async run(): Promise<void> {
    const flags: Record<string, unknown> = {...this.flags}
    const stub = flags['embedded-mcp-stub'] === true ? await this.#startStub(flags) : null
    try {
      const given = {...givenConfigFlags(flags), ...(stub && {'mcp.server-url': [`channel=main,url=${stub.mcpUrl}`]})}
      const config = await configureDaemon({flags: given, env: this.host.env, cwd: this.host.cwd})
      const identity = createIdentity(this.config.version)
      const log = await openDaemonLog({config, identity})
      this.stop.onReopen(() => void log.writer.reopen())
      await runDaemon({config, identity, log, stop: this.stop})
    } finally {
      await stub?.close()
    }
  }

  async #startStub(flags: Record<string, unknown>): Promise<McpStub> {
    for (const flag of ['mcp.command', 'mcp.server-url']) {
      if (flags[flag] === undefined && flags[flag.replace('.', '-')] === undefined) continue
      throw new TunnelError(
        'TC-CONFIG-INVALID',
        `--embedded-mcp-stub cannot be combined with --${flag}; use one main MCP target path`,
        {next: [`Leave out --embedded-mcp-stub or --${flag}`]},
      )
    }
    const {createMcpStub, promptLines, stubSummary} = await import('../src/service/mcp-stub/index.ts')
    const stub = await createMcpStub({
      listenAddr: String(flags['embedded-mcp-listen-addr']),
      serverName: String(flags['embedded-mcp-server-name']),
      serverVersion: String(flags['embedded-mcp-server-version']),
    })
    const lines = [
      ...stubSummary(stub),
      'These are the embedded demo MCP/OAuth endpoints: demo tools only, and nobody is asked for a token.',
      'Health and readiness of the daemon are on its own address, see --health.url-file.',
      ...promptLines(),
    ]
    this.present([text(['Embedded MCP stub enabled.', ...lines.map((line) => `  ${line}`)])])
    return stub
  }
}
