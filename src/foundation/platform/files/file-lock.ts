// Locks between processes. A lock is a file that names its holder; it appears whole (a link to a draft) and goes with the
// holder's release. One whose holder is gone is broken at once, whatever its times say. A holder on another host or in another
// container cannot be asked: it touches its lock, and one that stands still for long enough is taken for gone.

import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {link, lstat, readFile, rename, rm, rmdir, utimes, writeFile} from 'node:fs/promises'
import {messageOf, TunnelError} from '../../errors/index.ts'
import {type HolderState, holderState, type LockHolder, ownHolder, parseHolder} from './lock-holder.ts'

/** A lock that is held. */
export interface FileLock {
  /** False when it was lost: this process stood still for so long that one on another host may have taken it. */
  held(): boolean
  /** Gives it back. One that was lost is fine. */
  release(): Promise<void>
}

/** A lock to take. */
export interface LockRequest {
  /** A name for nothing else; its folder has to exist. */
  readonly path: string
  readonly waitMs: number
  /** What the holder does, for the error: `another command is changing <what>`. */
  readonly what: string
  readonly signal?: AbortSignal
  /** After this long without a touch a lock of an unknown holder is free, in milliseconds. */
  readonly staleMs?: number
}

const STALE_MS = 10_000
const TOUCH_MS = 2000
const RETRY_MS = [5, 10, 20, 40, 80]
/** A look that comes later than this counts as this: the waiting process may have stood still itself. */
const LONGEST_LOOK_MS = 500
/** File systems without hard links say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK']

/**
 * Takes the lock, waiting for it up to `waitMs`.
 * @throws TunnelError `TC-STATE-BUSY` when another process keeps it, `TC-STATE-WRITE` when it cannot be made.
 */
export async function lockFile(request: LockRequest): Promise<FileLock> {
  const {path, waitMs, what, signal, staleMs = STALE_MS} = request
  const own = await ownHolder()
  const watch = watchLock(own, staleMs)
  const until = performance.now() + waitMs
  try {
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted()
      const text = await takeLock(path, own)
      if (text !== null) return heldLock(path, text)
      const seen = await watch(path)
      if (performance.now() >= until + (seen.free ? staleMs : 0)) throw busy(what, path, seen.holder)
      if (seen.free) await breakLock(path, seen.text, own, watch)
      else await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]! * (0.5 + Math.random()))
    }
  } catch (thrown) {
    if (signal?.aborted || (thrown instanceof TunnelError && thrown.code === 'TC-STATE-BUSY')) throw thrown
    throw new TunnelError('TC-STATE-WRITE', `take the lock ${path}: ${messageOf(thrown)}`, {cause: thrown})
  }
}

function busy(what: string, path: string, holder: LockHolder | null): TunnelError {
  const who = holder === null ? '' : `, process ${holder.pid} on ${holder.host}`
  return new TunnelError('TC-STATE-BUSY', `another command is changing ${what} (${path}${who})`)
}

/** The text of the lock when it was taken; null when another process has it. */
async function takeLock(path: string, own: LockHolder): Promise<string | null> {
  if (await exists(path)) return null
  const text = JSON.stringify({...own, nonce: randomBytes(12).toString('hex')})
  const draft = `${path}.${randomBytes(12).toString('hex')}.tmp`
  try {
    await writeFile(draft, text, {flag: 'wx', mode: 0o600})
    await link(draft, path)
    return text
  } catch (thrown) {
    const {code = ''} = thrown as NodeJS.ErrnoException
    if (code === 'EEXIST') return null
    if (!NO_LINKS.includes(code)) throw thrown
    return await writeFile(path, text, {flag: 'wx', mode: 0o600}).then(
      () => text,
      (again: NodeJS.ErrnoException) => {
        if (again.code === 'EEXIST') return null
        throw again
      },
    )
  } finally {
    await rm(draft, {force: true})
  }
}

function heldLock(path: string, text: string): FileLock {
  const held = (): boolean => {
    try {
      return readFileSync(path, 'utf8') === text
    } catch {
      return false
    }
  }
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_MS)
  touch.unref()
  return {
    held,
    release: async () => {
      clearInterval(touch)
      if (held()) await rm(path, {force: true})
    },
  }
}

/** What a look at a lock told. `free`: it may be broken while it still holds `text`. */
interface LockLook {
  readonly free: boolean
  readonly text: string | null
  readonly holder: LockHolder | null
}

type LockWatch = (path: string) => Promise<LockLook>

/** Looks at locks again and again, and remembers for how long each has stood still. */
function watchLock(own: LockHolder, staleMs: number): LockWatch {
  const known = new Map<string, {mark: string; at: number; stillMs: number}>()
  return async (path) => {
    const text = await readFile(path, 'utf8').catch(() => null)
    const holder = text === null ? null : parseHolder(text)
    const state: HolderState = holder === null ? 'unknown' : await holderState(holder, own)
    if (state !== 'unknown') return {free: state === 'gone', text, holder}
    const found = await lstat(path).catch(() => null)
    const mark = found === null ? '' : `${found.ino} ${found.mtimeMs} ${found.ctimeMs} ${text}`
    const before = known.get(path)
    const at = performance.now()
    const same = before?.mark === mark
    const stillMs = same ? before.stillMs + Math.min(at - before.at, LONGEST_LOOK_MS) : 0
    known.set(path, {mark, at, stillMs})
    return {free: found !== null && stillMs >= staleMs, text, holder}
  }
}

/**
 * Removes a lock that holds `text`. One process at a time may do so: without that guard, the second of two that judged the
 * same lock would remove the one that a third has taken since.
 */
async function breakLock(path: string, text: string | null, own: LockHolder, watch: LockWatch): Promise<void> {
  const guard = `${path}.break`
  const guardText = await takeLock(guard, own)
  if (guardText === null) {
    const seen = await watch(guard)
    if (seen.free) await removeGuard(guard, seen.text)
    await pause(RETRY_MS[0]!)
    return
  }
  try {
    if ((await readFile(path, 'utf8').catch(() => null)) === text) await removeAnything(path)
  } finally {
    await rm(guard, {force: true})
  }
}

/** The guard of a process that was killed in the moment between making and removing it. */
async function removeGuard(guard: string, text: string | null): Promise<void> {
  const aside = `${guard}.${randomBytes(12).toString('hex')}.tmp`
  await rename(guard, aside).catch(() => {})
  // Another process may have made a new one since it was judged: it goes back.
  if ((await readFile(aside, 'utf8').catch(() => null)) !== text) await link(aside, guard).catch(() => {})
  await rm(aside, {force: true})
}

/** Earlier versions made a folder. */
async function removeAnything(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null)
  if (found?.isDirectory()) await rmdir(path).catch(() => {})
  else await rm(path, {force: true})
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
