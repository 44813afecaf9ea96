// A program that takes over the terminal for a while, as an editor does: our streams, our process group.

import {childFolder} from '../files/working-folder.ts'
import type {ChildExit, SpawnOptions} from '../spawn.ts'

/** Runs a program to its end. Rejects with the system's error (`code` ENOENT, EACCES …) when it cannot be started. */
export async function runInForeground({argv, env, cwd}: SpawnOptions): Promise<ChildExit> {
  const {execa} = await import('execa')
  const [program, ...rest] = argv
  const result = await execa(program, rest, {
    env: env as Record<string, string>,
    extendEnv: false,
    cwd: childFolder(cwd),
    stdio: 'inherit',
    reject: false,
  })
  if (result.exitCode !== undefined || result.signal !== undefined) {
    return {code: result.exitCode ?? null, signal: result.signal ?? null}
  }
  throw result.cause ?? new Error(result.shortMessage)
}
