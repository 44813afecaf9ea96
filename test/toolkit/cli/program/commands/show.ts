import {Args, Flags} from '@oclif/core'
import {note} from '../../../../../src/foundation/platform/index.ts'
import {BaseCommand} from '../../../../../src/toolkit/cli/index.ts'

export default class Show extends BaseCommand<typeof Show> {
  static override summary = 'Show what was understood'
  static override args = {word: Args.string({description: 'Any word'})}
  static override flags = {
    many: Flags.string({multiple: true, multipleNonGreedy: true}),
    wanted: Flags.boolean({allowNo: true}),
    count: Flags.integer(),
    unhealthy: Flags.boolean(),
  }

  async run(): Promise<object> {
    const {many = [], wanted = null, unhealthy} = this.flags
    this.present([note(`word ${this.args.word} many ${many.join('|')} wanted ${wanted}`)])
    if (unhealthy) this.setExit('unhealthy')
    return {word: this.args.word ?? null, many, wanted}
  }
}
