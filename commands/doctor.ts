// `doctor`: would a call work now, and if not, what broke and who has to act?

import {Flags} from '@oclif/core'
import {BaseCommand, configFlags, createStatusLine, givenConfigFlags} from '../src/toolkit/cli/index.ts'
import {type DoctorReport, diagnose, doctorBlocks} from '../src/toolkit/doctor/index.ts'

export default class Doctor extends BaseCommand<typeof Doctor> {
  static override summary = 'Check whether a call would work now, and why not'
  static override description =
    'Checks the configuration, the network path to the tunnel service, the key, and the MCP server with a real handshake. It takes no commands from the service and changes nothing. The exit code is 0 when a call would work and 2 when it would not.'
  static override examples = [
    '<%= config.bin %> doctor --profile demo --explain',
    '<%= config.bin %> doctor --config tunnel.yaml --json',
    '<%= config.bin %> doctor --profile demo --only control_plane',
  ]
  static override flags = {
    ...configFlags(),
    explain: Flags.boolean({summary: 'Explain why each problem matters and what to do'}),
    only: Flags.string({
      summary: 'Run only this check, destination or destination/check',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<name>',
    }),
    offline: Flags.boolean({summary: 'Run only the checks of this machine'}),
    spawn: Flags.boolean({summary: 'Start a stdio server for the handshake', default: true, allowNo: true}),
    strict: Flags.boolean({summary: 'Treat a warning as a failure'}),
    timeout: Flags.string({summary: 'Time limit for all checks together', helpValue: '<duration>'}),
  }

  async run(): Promise<DoctorReport> {
    const {flags, host} = this
    const status = createStatusLine(host.stderr, host.env)
    const {report, defect} = await diagnose({
      input: {flags: givenConfigFlags(flags), env: host.env, cwd: host.cwd},
      version: this.config.version,
      offline: flags.offline,
      spawn: flags.spawn,
      strict: flags.strict,
      timeout: flags.timeout,
      only: flags.only ?? [],
      signal: this.stop.asked,
      onProgress: (running) => status.show(running.length === 0 ? '' : `checking ${running.join(', ')} ...`),
    }).finally(() => status.clear())
    this.present(doctorBlocks(report, {tty: host.stdout.isTTY, explain: flags.explain}))
    if (defect) this.setExit('failed')
    else if (report.result === 'interrupted') this.setExit('interrupted')
    else if (report.result === 'fail') this.setExit('unhealthy')
    return report
  }
}
