// The door to locks between processes. A lock is a folder that one process makes and keeps fresh; one whose maker was
// killed goes stale and is taken over.

import {TunnelError} from '../../errors/index.ts'

/** A lock that is held. */
export interface FileLock {
  /** False when it was lost: this process stood still for so long that another one may have taken it. */
  held(): boolean
  /** Gives it back. One that was lost is fine. */
  release(): Promise<void>
}

/** After this long without a sign of life a lock is free, in milliseconds. */
const STALE_MS = 10_000
const RETRY_MS = [5, 10, 20, 40, 80]

/**
 * Takes the lock at `path` (a name for nothing else; its folder has to exist), waiting for it up to `waitMs`.
 * @throws TunnelError `TC-STATE-BUSY` when somebody else keeps it, `TC-STATE-WRITE` when it cannot be made.
 */
export async function lockFile(options: {
  readonly path: string
  readonly waitMs: number
  /** What the holder does, for the error: `another command is changing <what>`. */
  readonly what: string
  readonly signal?: AbortSignal
}): Promise<FileLock> {
  const {path, waitMs, what, signal} = options
  const {default: locks} = await import('proper-lockfile')
  let lost = false
  const until = performance.now() + waitMs
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted()
    try {
      const release = await locks.lock(path, {
        lockfilePath: path,
        realpath: false,
        stale: STALE_MS,
        retries: 0,
        onCompromised: () => {
          lost = true
        },
      })
      return {held: () => !lost, release: () => release().catch(() => {})}
    } catch (thrown) {
      const {code, message} = thrown as NodeJS.ErrnoException
      if (code !== 'ELOCKED') {
        throw new TunnelError('TC-STATE-WRITE', `take the lock ${path}: ${message}`, {cause: thrown})
      }
    }
    if (performance.now() >= until) {
      throw new TunnelError('TC-STATE-BUSY', `another command is changing ${what} (${path})`)
    }
    const pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())))
  }
}
