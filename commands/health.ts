// `health`: a daemon's liveness, readiness, polling and process in one look, for scripts and people.

import {Flags} from '@oclif/core'
import {BaseCommand, pathFlag} from '../src/toolkit/cli/index.ts'
import {checkHealth, type HealthReport, healthBlocks} from '../src/toolkit/live/index.ts'

export default class Health extends BaseCommand<typeof Health> {
  static override summary = 'Check that a running daemon is alive and ready'
  static override description =
    'Finds the daemon by its URL, its health URL file or a loopback port, and asks /healthz and /readyz. Ends with 0 when everything asked for is fine, with 2 when it is not.'
  static override examples = [
    '<%= config.bin %> health --url-file /run/tunnel-client/health.url',
    '<%= config.bin %> health --port 8080 --require-control-plane-poll --json',
    '<%= config.bin %> health --url-file ./health.url --wait 30s',
  ]
  static override flags = {
    url: Flags.string({summary: 'Address of the daemon: its base URL, or its /healthz or /readyz URL'}),
    'url-file': pathFlag('File that holds such a URL'),
    port: Flags.integer({summary: 'Loopback port of the daemon', default: 0}),
    pid: Flags.integer({summary: 'Process that should be the daemon: it has to run', default: 0}),
    'pid-file': pathFlag('File that holds that process id'),
    'require-control-plane-poll': Flags.boolean({summary: 'Ask for one successful poll of the control plane, too'}),
    wait: Flags.string({summary: 'Keep asking until all is fine, at most this long', helpValue: '<duration>'}),
  }

  async run(): Promise<HealthReport> {
    const {flags} = this
    const report = await checkHealth({
      url: flags.url,
      urlFile: flags['url-file'],
      port: flags.port,
      pid: flags.pid,
      pidFile: flags['pid-file'],
      requireControlPlanePoll: flags['require-control-plane-poll'],
      wait: flags.wait,
      signal: this.stop.asked,
    })
    this.present(healthBlocks(report))
    if (report.result !== 'ok') this.setExit('unhealthy')
    return report
  }
}
