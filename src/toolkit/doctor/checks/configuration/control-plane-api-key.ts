// There is a key, and where it comes from. Whether the service takes it is asked by the ladder.

import {originText, SETUP_PAGES, type TunnelConfig} from '../../../../foundation/config/index.ts'
import {runCommand} from '../../advice/commands.ts'
import {configFailure} from '../../advice/config-failure.ts'
import {pass, single} from '../../check.ts'

/** As the reference words it: a file's key is only `configured`. */
const summaryOf = (config: TunnelConfig): string => {
  const origin = config.origin('control_plane.api_key')
  return origin.layer === 'env' ? `env:${origin.name}` : 'configured'
}

export const controlPlaneApiKey = single({
  id: 'control_plane_api_key',
  title: 'There is a runtime key',
  why: 'The tunnel service answers nobody without a key, so the daemon could not ask for work.',
  next: ['Export CONTROL_PLANE_API_KEY'],
  required: true,
  needs: ['problems', 'source', 'config', 'keyReference'],
  run: async ({fact}) => {
    const problems = await fact('problems')
    const more = [
      `Take a runtime key from ${SETUP_PAGES.runtime_api_keys_url.url}`,
      'Export it: `export CONTROL_PLANE_API_KEY=...`',
      'If it is in another variable already: `export CONTROL_PLANE_API_KEY=$THAT_VARIABLE`',
      `Managing tunnels takes another key, an admin key: ${SETUP_PAGES.admin_api_keys_url.url}`,
      'Then ask again: `tunnel-client doctor`',
      `When it passes, start: \`${runCommand(await fact('source'))}\``,
    ]
    const failure = configFailure(problems, {id: 'control_plane_api_key', more})
    if (failure) return failure
    const config = await fact('config')
    return pass((await fact('keyReference')) ?? summaryOf(config), {
      evidence: [`from ${originText(config.origin('control_plane.api_key'))}`],
    })
  },
})
