// `npm run new <kind> <name>`: an addition with its test and registry lines, ready to be filled in. It refuses to
// overwrite, and to guess when a registry does not look as it expects.

import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Addition} from './new/addition.ts'
import {newCheck} from './new/check.ts'
import {newCommand} from './new/command.ts'
import {newTransport} from './new/transport.ts'

const KINDS: Record<string, (name: string) => Addition> = {
  check: newCheck,
  command: newCommand,
  transport: newTransport,
}

const root = join(import.meta.dirname, '..')
const [kind = '', ...words] = process.argv.slice(2)
const name = words.join('/')
const make = KINDS[kind]
if (!make || !/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)*$/.test(name)) {
  console.error(`Usage: npm run new ${Object.keys(KINDS).join('|')} <name>   (words in kebab-case)`)
  process.exit(1)
}

try {
  await write(make(name))
} catch (thrown) {
  console.error((thrown as Error).message)
  process.exit(1)
}

/** Checks everything first, so that a refusal leaves nothing half done. */
async function write({files, insertions, next}: Addition): Promise<void> {
  const taken = Object.keys(files).filter((path) => existsSync(join(root, path)))
  if (taken.length > 0) throw new Error(`Already there: ${taken.join(', ')}`)
  const edited = new Map<string, string>()
  for (const {path, before, text} of insertions) {
    const current = edited.get(path) ?? (await readFile(join(root, path), 'utf8'))
    const at = current.search(before)
    if (at === -1) throw new Error(`${path} has no ${before}: add this by hand and mend scripts/new: ${text.trim()}`)
    edited.set(path, current.slice(0, at) + text + current.slice(at))
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), {recursive: true})
    await writeFile(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  for (const [path, text] of edited) {
    await writeFile(join(root, path), text)
    console.log(`added to ${path}`)
  }
  const formatter = join(root, 'node_modules', '.bin', 'biome')
  spawnSync(formatter, ['check', '--write', ...Object.keys(files), ...edited.keys()], {cwd: root, stdio: 'ignore'})
  for (const step of next) console.log(`next: ${step}`)
}
