// Runs a small program of the system (tmux, ps) to its end and keeps what it said.

import {execFile} from 'node:child_process'
import {workingFolder} from '../files/working-folder.ts'

/** What it said. `status` is null when it could not be started or took too long. */
export interface Captured {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs it without a shell and without stdin. Never rejects. `timeoutMs` ends it hard. */
export function captureProgram(options: {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
}): Promise<Captured> {
  const {argv, env, timeoutMs} = options
  const [program, ...rest] = argv
  return new Promise((resolve) => {
    const settings = {
      env: env as NodeJS.ProcessEnv,
      // It works in no folder, and some programs refuse to start in one that was deleted.
      cwd: workingFolder() || '/',
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 4 * 1024 * 1024,
      windowsHide: true,
    }
    const child = execFile(program, rest, settings, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null
      resolve({status, stdout, stderr})
    })
    child.stdin?.end()
  })
}
