import {Flags} from '@oclif/core'
import {BaseCommand} from '../../../../../src/toolkit/cli/index.ts'

export default class Serve extends BaseCommand<typeof Serve> {
  static override lifetime = 'daemon' as const
  static override flags = {slow: Flags.boolean(), seconds: Flags.boolean()}

  async run(): Promise<void> {
    const alive = setInterval(() => {}, 1000)
    this.presentJson({address: 'here'})
    this.host.stderr.write('serving\n')
    const {asked, now} = this.stop
    await new Promise((resolve) => asked.addEventListener('abort', resolve))
    this.host.stderr.write('stopping\n')
    if (this.flags.seconds) await new Promise((resolve) => setTimeout(resolve, 1000))
    if (this.flags.slow) await new Promise((resolve) => now.addEventListener('abort', resolve))
    clearInterval(alive)
  }
}
