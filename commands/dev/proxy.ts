// `dev proxy`: a plain MCP URL for a private MCP server, through a whole tunnel inside this process.

import {Flags} from '@oclif/core'
import {proxyBlocks, readProxyFlags, runLocalProxy, writeProxyInfo} from '../../src/service/local-proxy/index.ts'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'

const repeated = (summary: string) => Flags.string({summary, multiple: true, multipleNonGreedy: true})
const duration = (summary: string, preset: string) => Flags.string({summary, default: preset, helpValue: '<duration>'})

export default class DevProxy extends BaseCommand<typeof DevProxy> {
  static override summary = 'Serve an MCP server through a tunnel on this machine'
  static override description =
    'Starts a tunnel service and a daemon in this process and prints the MCP URL when calls go through. Needs no account. Ends at a signal or after --duration.'
  static override examples = [
    '<%= config.bin %> dev proxy --mcp-command "npx -y @modelcontextprotocol/server-everything"',
    '<%= config.bin %> dev proxy --mcp-server-url http://127.0.0.1:3001/mcp --print-json --url-file ./proxy.json',
  ]
  static override lifetime = 'daemon' as const
  static override strict = false
  static override flags = {
    listen: Flags.string({summary: 'Where MCP clients connect (default 127.0.0.1:0)', helpValue: '<host:port>'}),
    'listen-unix-socket': pathFlag('Let them connect to this unix socket instead'),
    'tunnel-id': Flags.string({summary: 'Id of the tunnel (default: a random one for each run)'}),
    'mcp-server-url': repeated('MCP server, as in run --mcp.server-url'),
    'mcp-command': repeated('MCP server on stdio, as in run --mcp.command'),
    profile: Flags.string({summary: 'Profile to configure the daemon with'}),
    'profile-file': pathFlag('The same by path'),
    'profile-dir': pathFlag('Folder of profiles'),
    'health-listen-addr': Flags.string({
      summary: "Where the daemon's health surface listens",
      helpValue: '<host:port>',
    }),
    'health-url-file': pathFlag('File that receives its base URL'),
    'url-file': pathFlag('File that receives what --print-json prints'),
    backend: Flags.string({summary: 'auto or go: there is one engine here', default: 'auto'}),
    'engine-queue-backend': Flags.string({summary: 'inmem', default: 'inmem'}),
    'engine-redis-url': Flags.string({
      summary: 'Unused: there is no Redis engine here',
      env: 'TUNNEL_ENGINE_REDIS_URL',
    }),
    'print-json': Flags.boolean({summary: 'Print where everything is as JSON', allowNo: true}),
    duration: duration('Stop by itself after this long; 0: at a signal', '0'),
    'readiness-timeout': duration('How long the start may take', '10s'),
    'response-timeout': duration('How long a caller waits for its answer', '30s'),
    'client-last-seen-timeout': duration('When a call that no daemon fetched fails', '20s'),
  }

  async run(): Promise<void> {
    const {flags} = this
    const target = {
      serverUrls: flags['mcp-server-url'] ?? [],
      commands: flags['mcp-command'] ?? [],
      profile: flags.profile,
      profileFile: flags['profile-file'],
      profileDir: flags['profile-dir'],
    }
    const end = this.argv.indexOf('--')
    const settings = readProxyFlags({
      positionals: end === -1 ? [] : this.argv.slice(end + 1),
      listen: flags.listen,
      listenUnixSocket: flags['listen-unix-socket'],
      backend: flags.backend,
      engineQueueBackend: flags['engine-queue-backend'],
      duration: flags.duration,
      readinessTimeout: flags['readiness-timeout'],
      responseTimeout: flags['response-timeout'],
      clientLastSeenTimeout: flags['client-last-seen-timeout'],
      target,
    })
    await runLocalProxy({
      ...settings,
      target,
      ...(flags['tunnel-id'] === undefined ? {} : {tunnelId: flags['tunnel-id']}),
      healthListenAddr: flags['health-listen-addr'],
      healthUrlFile: flags['health-url-file'],
      version: this.config.version,
      env: this.host.env,
      cwd: this.host.cwd,
      logStream: process.stderr,
      stop: this.stop,
      onUp: async ({info}) => {
        if (flags['url-file']) await writeProxyInfo(flags['url-file'], info)
        this.present(proxyBlocks(info, {json: flags['print-json']}))
        this.presentJson(info)
        return true
      },
    })
  }
}
