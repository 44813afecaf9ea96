import {Flags} from '@oclif/core'
import {TunnelError} from '../../../../../src/foundation/errors/index.ts'
import {BaseCommand} from '../../../../../src/toolkit/cli/index.ts'

export default class Fail extends BaseCommand<typeof Fail> {
  static override flags = {bug: Flags.boolean()}

  async run(): Promise<void> {
    if (this.flags.bug) throw new TypeError('x is not a function')
    throw new TunnelError('TC-DAEMON-START', 'port 8080 is taken', {next: ['Choose another port']})
  }
}
