// `dev tunnel-service`: the other end of the tunnel, for one machine, a test network or a lab without an account.

import {Flags} from '@oclif/core'
import {createLogWriter} from '../../src/foundation/platform/index.ts'
import {infoBlocks, readServeFlags, serveTunnel, serviceBlocks} from '../../src/service/tunnel-service/index.ts'
import {BaseCommand, pathFlag} from '../../src/toolkit/cli/index.ts'

const duration = (summary: string, preset: string) => Flags.string({summary, default: preset, helpValue: '<duration>'})

export default class DevTunnelService extends BaseCommand<typeof DevTunnelService> {
  static override summary = 'Run a tunnel service of your own'
  static override description =
    'Serves the control plane that daemons poll and the MCP URL that clients call, on two listeners, with keys made for this run. MCP clients on this machine need no key; web pages of other origins are refused. Runs until it is stopped and leaves nothing behind but the state file.'
  static override examples = [
    '<%= config.bin %> dev tunnel-service',
    '<%= config.bin %> dev tunnel-service --state ./service.json --listen 127.0.0.1:8443 --info-file ./info.json',
    '<%= config.bin %> dev tunnel-service --ingress-listen 0.0.0.0:8080 --ingress-token env:INGRESS_TOKEN --print-json',
  ]
  static override lifetime = 'daemon' as const
  static override flags = {
    listen: Flags.string({
      summary: 'Where daemons and administrators connect (default 127.0.0.1:0)',
      helpValue: '<host:port>',
    }),
    'listen-unix-socket': pathFlag('Let them connect to this unix socket instead'),
    'tls-cert': pathFlag('Serve them over TLS: certificate chain, PEM'),
    'tls-key': pathFlag('Its private key, PEM'),
    'tls-client-ca': pathFlag('Accept only clients with a certificate of this authority, PEM'),
    'ingress-listen': Flags.string({
      summary: 'Where MCP clients connect (default 127.0.0.1:0)',
      helpValue: '<host:port>',
    }),
    'ingress-unix-socket': pathFlag('Let them connect to this unix socket instead'),
    'ingress-token': Flags.string({
      summary: 'Ask MCP clients for this token in X-Tunnel-Ingress-Token; needed when other machines can connect',
      helpValue: '<env:NAME|file:PATH>',
    }),
    'tunnel-id': Flags.string({summary: 'Id of the first tunnel (default: from the state file, else random)'}),
    state: pathFlag('Keep tunnels and keys in this file (0600), so that a restart changes neither'),
    'response-timeout': duration('How long a caller waits for its answer; 0: for ever', '30s'),
    'client-last-seen-timeout': duration('When a call fails that no daemon came for', '20s'),
    'print-json': Flags.boolean({summary: 'Print where everything is and the keys as JSON', allowNo: true}),
    'info-file': pathFlag('Write the same to this file (0600); it is removed at the end'),
  }

  async run(): Promise<void> {
    const {flags} = this
    const options = await readServeFlags(
      {
        listen: flags.listen,
        listenUnixSocket: flags['listen-unix-socket'],
        ingressListen: flags['ingress-listen'],
        ingressUnixSocket: flags['ingress-unix-socket'],
        tlsCert: flags['tls-cert'],
        tlsKey: flags['tls-key'],
        tlsClientCa: flags['tls-client-ca'],
        tunnelId: flags['tunnel-id'],
        state: flags.state,
        ingressToken: flags['ingress-token'],
        responseTimeout: flags['response-timeout'],
        clientLastSeenTimeout: flags['client-last-seen-timeout'],
      },
      this.host.env,
    )
    const printed = flags['print-json'] || this.jsonEnabled()
    const log = await createLogWriter({level: 'info', format: 'default', stream: process.stderr, attrs: {}})
    await serveTunnel({
      ...options,
      log: log.logger,
      infoFile: flags['info-file'] ?? (printed ? null : 'private'),
      stop: this.stop.asked,
      onUp: ({info, infoFile}) => {
        if (printed) this.present(infoBlocks(info), {secrets: 'show'})
        else this.present(serviceBlocks(info, infoFile ?? ''))
        this.presentJson(info, {secrets: 'show'})
      },
    })
    await log.close()
  }
}
