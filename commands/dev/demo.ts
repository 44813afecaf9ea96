// `dev demo`: the whole way of a tool call, on this machine, in one command.

import {Flags} from '@oclif/core'
import {runDemo} from '../../src/service/local-proxy/index.ts'
import {BaseCommand} from '../../src/toolkit/cli/index.ts'

export default class DevDemo extends BaseCommand<typeof DevDemo> {
  static override summary = 'See a tool call travel through a tunnel on this machine'
  static override description =
    'Starts a tunnel service, the daemon and a demo MCP server, calls a tool through them with the official MCP client, and says how to use what runs. Needs no account and leaves nothing behind.'
  static override examples = ['<%= config.bin %> dev demo', '<%= config.bin %> dev demo --once']
  static override lifetime = 'daemon' as const
  static override flags = {
    once: Flags.boolean({summary: 'Stop after the tool call'}),
    verbose: Flags.boolean({summary: "Show the daemon's log on stderr"}),
  }

  async run(): Promise<void> {
    await runDemo({
      program: [process.execPath, ...process.argv.slice(1, 2)],
      version: this.config.version,
      env: this.host.env,
      cwd: this.host.cwd,
      stop: this.stop,
      once: this.flags.once,
      logStream: this.flags.verbose ? process.stderr : null,
      show: (blocks) => this.present(blocks),
      showJson: (report) => this.presentJson(report),
      onFailureLog: (lines) => this.host.stderr.write(lines),
    })
  }
}
