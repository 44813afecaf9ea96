// `cloudflared …`: commands of the reference's companion, answered with one clear refusal.

import {Flags} from '@oclif/core'
import {TunnelError} from '../../src/foundation/errors/index.ts'
import {BaseCommand} from '../../src/toolkit/cli/index.ts'

const ignored = () => Flags.string({hidden: true})

export default class CloudflaredVersion extends BaseCommand<typeof CloudflaredVersion> {
  static override summary = 'Refused: there is no cloudflared companion here'
  static override description =
    'The reference ships cloudflared and prints its version and a configuration. This program neither ships nor runs it; docs/compatibility.md says why.'
  static override hidden = true
  static override hiddenAliases = ['cloudflared:config']
  static override flags = {
    'token-file': ignored(),
    'metrics-address': ignored(),
    'log-level': ignored(),
    'transport-log-level': ignored(),
    protocol: ignored(),
    'edge-ip-version': ignored(),
    retries: ignored(),
    'grace-period': ignored(),
  }

  run(): Promise<never> {
    throw new TunnelError(
      'TC-CLI-CLOUDFLARED',
      'cloudflared is not supported: tunnel-client ships no cloudflared and runs none (docs/compatibility.md says why)',
    )
  }
}
