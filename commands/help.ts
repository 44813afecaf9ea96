// `help`: topics for people and agents who start, and the pages of commands.

import {join} from 'node:path'
import {Args} from '@oclif/core'
import {page} from '../src/foundation/platform/index.ts'
import {answerHelp, BaseCommand, plainText, programHelp} from '../src/toolkit/cli/index.ts'

export default class Help extends BaseCommand<typeof Help> {
  static override summary = 'Show a help topic, or the help of a command'
  static override description =
    'Topics: doctor, oauth, plugin, quickstart, samples, troubleshooting. An error code (TC-…) or a failure class is explained, too. A topic wins over a command of the same name, whose own page is <command> --help.'
  static override examples = [
    '<%= config.bin %> help quickstart',
    '<%= config.bin %> help profiles samples show',
    '<%= config.bin %> help troubleshooting --json',
    '<%= config.bin %> help TC-TLS-EXPIRED',
  ]
  static override strict = false
  static override args = {topic: Args.string({description: 'A topic, the words of a command, or an error code'})}

  async run(): Promise<{topic?: string; command?: string; code?: string; text: string}> {
    const {isTTY, columns: width} = this.host.stdout
    const columns = (isTTY ? width : undefined) ?? 80
    const {blocks, ...about} = await answerHelp({
      words: this.argv.filter((word) => !word.startsWith('--')),
      program: programHelp(this.config),
      templates: join(this.config.root, 'templates'),
      columns,
    })
    const shown = plainText(blocks, columns)
    this.present([page(shown)])
    return {...about, text: shown}
  }
}
