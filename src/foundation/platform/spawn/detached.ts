// Starts a program that outlives us: leader of a session of its own, no pipe to us, nothing of what
// we inherited, its raw output in a file.

import {spawn} from 'node:child_process'
import {constants} from 'node:fs'
import {open} from 'node:fs/promises'
import {checkTarget} from '../files/trust.ts'
import {childFolder} from '../files/working-folder.ts'
import {fileProblem} from '../files.ts'
import {withoutInherited} from './inherited-descriptors.ts'

/** What to start. */
export interface DetachedOptions {
  /** Program and arguments; no shell. */
  readonly argv: readonly [string, ...string[]]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Receives stdout and stderr; emptied first, 0600. A symbolic link is refused. */
  readonly outputFile: string
}

/** A program that runs by itself. */
export interface DetachedProcess {
  /** Leader of its process group. */
  readonly pid: number
  /** Exit status as soon as it has ended, else null; a signal counts as 1. Meaningful only while we live. */
  exitStatus(): number | null
  /** Lets our process end while the other one runs. */
  forget(): void
}

/** Starts it. Rejects with the system's error when the program or the output file is impossible. */
export async function startDetached({argv, env, cwd, outputFile}: DetachedOptions): Promise<DetachedProcess> {
  await checkTarget(outputFile)
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
  const output = await open(outputFile, flags, 0o600).catch((thrown) => {
    throw new Error(fileProblem(outputFile, thrown), {cause: thrown})
  })
  try {
    if (!(await output.stat()).isFile()) throw new Error(`${outputFile} is not a regular file`)
    await output.chmod(0o600)
    await output.truncate(0)
    const [program, ...rest] = argv
    const child = withoutInherited(['ignore', output.fd, output.fd], (stdio) =>
      spawn(program, rest, {
        env: env as NodeJS.ProcessEnv,
        cwd: childFolder(cwd),
        detached: true,
        stdio,
        windowsHide: true,
      }),
    )
    let status: number | null = null
    child.once('exit', (code) => {
      status = code ?? 1
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    return {pid: child.pid!, exitStatus: () => status, forget: () => child.unref()}
  } finally {
    await output.close()
  }
}
