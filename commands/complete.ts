// `complete`: what the completion scripts of the shells ask. Hidden; says nothing rather than an error.

import {Args, Flags} from '@oclif/core'
import {text} from '../src/foundation/platform/index.ts'
import {BaseCommand, complete, programHelp, SHELLS, type ValueKind} from '../src/toolkit/cli/index.ts'
import {PROFILE_SAMPLES, profileStore} from '../src/toolkit/profiles/index.ts'

export default class Complete extends BaseCommand<typeof Complete> {
  static override summary = 'Answer a completion script'
  static override hidden = true
  static override strict = false
  static override args = {words: Args.string({description: 'Words before the cursor'})}
  static override flags = {current: Flags.string({summary: 'The word at the cursor', default: ''})}

  async run(): Promise<void> {
    const words = this.argv.slice(this.argv.indexOf('--') + 1)
    const {kind, candidates} = await complete({
      words: this.argv.includes('--') ? words : [],
      current: this.flags.current,
      program: programHelp(this.config),
      lookUp: (wanted, flags) => this.#lookUp(wanted, flags),
    })
    this.present([text([kind, ...candidates.map(({value, description}) => [value, description])])])
  }

  async #lookUp(kind: ValueKind, flags: ReadonlyMap<string, string>): Promise<readonly string[]> {
    switch (kind) {
      case 'profile':
        return (await profileStore({env: this.host.env, dir: flags.get('profile-dir')}).list()).map(({name}) => name)
      case 'sample':
        return PROFILE_SAMPLES.map(({name}) => name)
      case 'shell':
        return SHELLS
      case 'runtime': {
        const {readRecords, resolveStateRoot} = await import('../src/toolkit/runtimes/index.ts')
        const {aliases} = await readRecords(resolveStateRoot({env: this.host.env, cwd: this.host.cwd}))
        return Object.keys(aliases).sort()
      }
      case 'admin-profile': {
        const {listAdminProfiles} = await import('../src/toolkit/runtimes/index.ts')
        const {profiles} = await listAdminProfiles({env: this.host.env, cwd: this.host.cwd})
        return profiles.map(({name}) => name)
      }
      case 'files':
      case 'dirs':
        return []
    }
  }
}
