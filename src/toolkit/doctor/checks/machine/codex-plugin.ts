// Is Codex here, and would it start the plugin? Optional: never a failure.

import {stat} from 'node:fs/promises'
import {resolveExecutable} from '../../../../foundation/platform/index.ts'
import {pluginStatus, resolveCodexHome, runningProgram} from '../../../codex/index.ts'
import {pass, single, skip, warn} from '../../check.ts'

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
    const {env: given, home, cwd} = await fact('env')
    const env = {...given, HOME: given.HOME || home}
    const codex = resolveCodexHome({env, cwd})
    const status = await pluginStatus({env, cwd, program: await runningProgram()}).catch((thrown: Error) => thrown)
    if (status instanceof Error) return warn(status.message, {next: ['tunnel-client codex plugin status']})
    const {state, plugin_dir, problems, next} = status
    if (state === 'installed') return pass(plugin_dir)
    if (state !== 'not installed') {
      const [first = state, ...others] = problems
      return warn(`${first} (${plugin_dir})`, {evidence: others, next: next === undefined ? [INSTALL] : [next]})
    }
    const detected = (await isFolder(codex.path)) || (await resolveExecutable({name: 'codex', env})).found
    if (!detected) return skip('Codex not detected locally')
    return skip(`Codex detected; Tunnel MCP plugin not installed (run \`${INSTALL}\`)`, {
      evidence: [`CODEX_HOME: ${codex.path}`, `expected plugin dir: ${plugin_dir}`, ...problems],
      next: [INSTALL],
    })
  },
})

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
