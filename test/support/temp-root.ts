// One folder for everything that a run of tests writes. It goes with the run, also what a process that was killed had no time
// to remove, and the next run sweeps away what a run that was killed itself has left.

import {mkdirSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Short, because the path of a unix socket is: it has 108 bytes. */
const NAME = 'tct-'

/** Makes the folder and names it in TMPDIR, for all tests and what they start. Called by vitest before the first test. */
export function setup(): void {
  const parent = tmpdir()
  const abandoned = readdirSync(parent).filter((name) => name.startsWith(NAME) && !isAlive(Number(name.slice(4))))
  for (const name of abandoned) remove(join(parent, name))
  const root = join(parent, `${NAME}${process.pid}`)
  mkdirSync(root, {mode: 0o700})
  process.env.TMPDIR = root
}

/** Removes it. Called by vitest after the last test. */
export function teardown(): void {
  remove(tmpdir())
}

/** Removes a folder with all that is in it; what stays is said, and fails nothing. */
function remove(folder: string): void {
  try {
    rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 200})
  } catch (error) {
    process.stdout.write(`left over in ${folder} (${String(error)}): ${namesIn(folder).join(', ')}\n`)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
