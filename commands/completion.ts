// `completion`: the script that teaches a shell to complete our command lines.

import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {TunnelError} from '../src/foundation/errors/index.ts'
import {nearest, page} from '../src/foundation/platform/index.ts'
import {answerHelp, BaseCommand, plainText, programHelp, SHELLS} from '../src/toolkit/cli/index.ts'

export default class Completion extends BaseCommand<typeof Completion> {
  static override summary = 'Print the completion script of a shell'
  static override description =
    'Shells: bash, fish, powershell, zsh. Commands, flags, profiles, samples and runtimes are completed. The script asks this program whenever Tab is pressed, so it need not be renewed after an upgrade.'
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/tunnel-client.fish',
    '<%= config.bin %> completion powershell | Out-String | Invoke-Expression',
  ]
  static override args = {shell: Args.string({description: 'bash, fish, powershell or zsh'})}
  static override flags = {
    'no-descriptions': Flags.boolean({summary: 'Accepted for scripts of the Go client; changes nothing', hidden: true}),
  }

  async run(): Promise<{shell?: string; script?: string; text?: string}> {
    const {shell} = this.args
    const templates = join(this.config.root, 'templates')
    if (shell === undefined) {
      const {blocks} = await answerHelp({
        words: ['completion'],
        program: programHelp(this.config),
        templates,
        columns: 80,
      })
      const shown = plainText(blocks)
      this.present([page(shown)])
      return {text: shown}
    }
    if (!(SHELLS as readonly string[]).includes(shell)) throw unknownShell(shell)
    const script = await readFile(join(templates, 'completion', `${shell}.txt`), 'utf8')
    this.present([page(script)])
    return {shell, script}
  }
}

function unknownShell(shell: string): TunnelError {
  const near = nearest(shell, SHELLS)
  return new TunnelError('TC-CLI-USAGE', `no completion for the shell ${JSON.stringify(shell)}`, {
    next: [near === null ? `There are scripts for ${SHELLS.join(', ')}` : `Did you mean ${near}?`],
  })
}
