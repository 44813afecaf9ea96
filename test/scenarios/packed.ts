// The package as users get it: packed, unpacked into a folder of its own beside the packages that it depends on. These are
// those of this checkout, so no registry is asked.

import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A folder with `node_modules/tunnel-client` in it. */
export interface Packed {
  readonly folder: string
  /** Path of the unpacked package. */
  readonly home: string
  remove(): void
}

/** Packs what is built. `more`: packages that a user of this package has besides. */
export function packed(more: readonly string[]): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: 'pipe',
  })
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
  execFileSync('tar', ['-xzf', archive], {cwd: folder})
  const home = join(folder, 'node_modules', 'tunnel-client')
  mkdirSync(dirname(home), {recursive: true})
  execFileSync('mv', ['package', home], {cwd: folder})
  const {dependencies = {}} = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {dependencies?: object}
  for (const name of new Set([...Object.keys(dependencies), ...more])) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), {recursive: true})
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
  return {folder, home, remove: () => rmSync(folder, {recursive: true, force: true})}
}
