// The license texts of the packages whose code is in dist/. Their licenses ask for it wherever the code goes.

import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** Files of a package that hold its license or a notice that has to be passed on (Apache License 2.0, section 4d). */
const LEGAL = /^(licen[sc]e|notice|copying|third.?party)/i

/** A package with its own license field, as its package.json states it. */
interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
}

/** One text with every package that the given modules belong to. Throws when a package has no license text. */
export function thirdPartyNotices(modules: Iterable<string>): string {
  const homes = new Map<string, string>()
  for (const path of modules) {
    const home = homeOf(path)
    if (home === null) continue
    const {name, version, license} = manifestOf(home)
    homes.set(`${name} ${version} (${license})`, home)
  }
  const parts = [...homes].sort(([one], [two]) => (one < two ? -1 : 1)).map(([title, home]) => section(title, home))
  return `This program contains code of the packages below.\n\n${parts.join('\n')}`
}

function section(title: string, home: string): string {
  const files = readdirSync(home)
    .filter((name) => LEGAL.test(name))
    .sort()
  if (files.length === 0) throw new Error(`third-party notices: ${title} has no license text in ${home}`)
  const texts = files.map((name) => readFileSync(join(home, name), 'utf8').trim())
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${texts.join('\n\n')}\n`
}

/** Root folder of the package that a module belongs to; null for modules of this project and of the bundler. */
function homeOf(path: string): string | null {
  if (!path.includes('node_modules')) return null
  for (let folder = dirname(path); folder.includes('node_modules'); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && manifestOf(folder).version !== undefined) return folder
  }
  return null
}

const manifestOf = (home: string): Manifest => JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest
