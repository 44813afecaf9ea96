// The version of this package, read where it stands, so that bundles need nothing written into them.

import {readFile} from 'node:fs/promises'

/** Looks upwards from this file for package.json: it is elsewhere in the sources than in the package. */
export async function packageVersion(): Promise<string> {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const text = await readFile(new URL('package.json', folder), 'utf8').catch(() => null)
    const manifest = text === null ? null : (JSON.parse(text) as {name?: string; version?: string})
    if (manifest?.name === 'tunnel-client') return manifest.version ?? ''
    // A program that bundled us has no package of ours any more.
    if (folder.pathname === new URL('..', folder).pathname) return 'embedded'
  }
}
