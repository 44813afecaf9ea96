// Starts the daemon of an alias, and waits until it answers.

import {unlink} from 'node:fs/promises'
import {dirname} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {type DetachedProcess, makeFolders, startDetached} from '../../../foundation/platform/index.ts'
import type {ProfilePlace} from '../profile/runtime-profile.ts'

/** The command line of a runtime. `program` is Node and our entry script. */
export const runtimeArgv = (
  program: readonly [string, ...string[]],
  {dir, name}: ProfilePlace,
): [string, ...string[]] => [...program, 'run', '--profile-dir', dir, '--profile', name]

/** As records show it: every word in single quotes. */
export const quotedCommand = (argv: readonly string[]): string =>
  argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')

/** Raw output of the newest start: a file beside the log, which only the daemon itself writes. */
export const rawOutputFile = (logFile: string): string => logFile.replace(/(\.log)?$/, '.stderr.log')

/** Starts it. The health URL file of an earlier run is removed first. @throws TunnelError `TC-RUNTIME-START` */
export async function launchRuntime(options: {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly healthUrlFile: string
  readonly logFile: string
}): Promise<DetachedProcess> {
  const {argv, env, cwd, healthUrlFile, logFile} = options
  const outputFile = rawOutputFile(logFile)
  try {
    await makeFolders(dirname(logFile), 0o755)
    await unlink(healthUrlFile).catch((thrown) => {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
    })
    return await startDetached({argv, env, cwd, outputFile})
  } catch (thrown) {
    throw new TunnelError('TC-RUNTIME-START', `start the runtime: ${messageOf(thrown)}`, {cause: thrown})
  }
}
