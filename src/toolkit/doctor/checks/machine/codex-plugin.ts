// Is Codex here, and does it know the plugin? Optional: never a failure.

import {access, readdir, stat} from 'node:fs/promises'
import {delimiter, join} from 'node:path'
import {pass, single, skip} from '../../check.ts'

const INSTALL = 'tunnel-client codex plugin install'
const PLUGIN = 'tunnel-mcp'

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
    const codexHome = env.CODEX_HOME || join(env.HOME || home, '.codex')
    const plugin = await installedPlugin(codexHome)
    if (plugin !== null) return pass(plugin)
    const detected = (await isFolder(codexHome)) || (await onPath('codex', env.PATH ?? ''))
    if (!detected) return skip('Codex not detected locally')
    return skip(`Codex detected; Tunnel MCP plugin not installed (run \`${INSTALL}\`)`, {
      evidence: [
        `CODEX_HOME: ${codexHome}`,
        `expected plugin dir: ${join(codexHome, 'plugins/cache/debug', PLUGIN, 'local')}`,
      ],
      next: [INSTALL],
    })
  },
})

/** The newest copy in any marketplace's cache; null when there is none. */
async function installedPlugin(codexHome: string): Promise<string | null> {
  const cache = join(codexHome, 'plugins', 'cache')
  for (const marketplace of await entries(cache)) {
    const versions = await entries(join(cache, marketplace, PLUGIN))
    for (const version of versions.toSorted().toReversed()) {
      const folder = join(cache, marketplace, PLUGIN, version)
      if (await isThere(join(folder, '.codex-plugin', 'plugin.json'))) return folder
    }
  }
  return null
}

const entries = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

async function onPath(program: string, path: string): Promise<boolean> {
  const found = await Promise.all(
    path.split(delimiter).map((folder) => folder !== '' && isThere(join(folder, program))),
  )
  return found.includes(true)
}
