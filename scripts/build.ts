// `npm run build`: bundles, notices, manifest, help pages. With --if-stale it does nothing while dist/ is newer than every source,
// so that tests can ask for a build without paying for it.

import {readdirSync, statSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {build} from 'rolldown'
import {programHelp} from '../src/toolkit/cli/load-program.ts'
import {writeDeclarations} from './generate/declarations.ts'
import {writeHelpFiles} from './generate/help-files.ts'
import {loadSources, manifestText} from './generate/manifest.ts'
import {thirdPartyNotices} from './generate/third-party-notices.ts'

const root = join(import.meta.dirname, '..')
const stamp = join(root, 'dist', '.built')

if (process.argv.includes('--if-stale') && newest() <= timeOf(stamp)) process.exit(0)

const began = Date.now()
const {bundles} = await import('../rolldown.config.ts')
const modules = new Set<string>()
for (const options of bundles((path) => modules.add(path))) await build(options)
await writeFile(join(root, 'dist', 'THIRD_PARTY_NOTICES.txt'), thirdPartyNotices(modules))
const config = await loadSources(root)
await writeFile(join(root, 'oclif.manifest.json'), manifestText(config))
await writeHelpFiles(programHelp(config), join(root, 'dist', 'help'))
await writeDeclarations({root, entry: 'src/index.ts', outDir: join(root, 'dist', 'types')})
await writeFile(stamp, '')
console.log(`built ${config.commands.length} commands in ${((Date.now() - began) / 1000).toFixed(1)} s`)

/** Time of the newest source that a build reads. */
function newest(): number {
  const sources = ['src', 'commands', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  return Math.max(...[...sources, join(root, 'package.json'), join(root, 'rolldown.config.ts')].map(timeOf))
}

function timeOf(path: string): number {
  return statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0
}
