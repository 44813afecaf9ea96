// Is Codex here, and does it know the plugin? Optional: never a failure.

import {stat} from 'node:fs/promises'
import {resolveExecutable} from '../../../../foundation/platform/index.ts'
import {detectPlugin, resolveCodexHome} from '../../../codex/index.ts'
import {pass, single, skip} from '../../check.ts'

const INSTALL = 'tunnel-client codex plugin install'

export const codexPlugin = single({
  id: 'codex_plugin',
  title: 'Codex knows the tunnel plugin',
  why: 'The optional plugin lets Codex manage tunnels by itself.',
  next: [INSTALL],
  required: false,
  needs: ['env', 'source'],
  run: async ({fact}) => {
    await fact('source')
    const {env, home} = await fact('env')
    const codex = resolveCodexHome({env: {...env, HOME: env.HOME || home}, cwd: process.cwd()})
    const {plugin} = await detectPlugin(codex)
    if (plugin.installed) return pass(plugin.dir)
    const detected = (await isFolder(codex.path)) || (await resolveExecutable({name: 'codex', env})).found
    if (!detected) return skip('Codex not detected locally')
    return skip(`Codex detected; Tunnel MCP plugin not installed (run \`${INSTALL}\`)`, {
      evidence: [`CODEX_HOME: ${codex.path}`, `expected plugin dir: ${plugin.dir}`],
      next: [INSTALL],
    })
  },
})

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
