// Who holds a lock, and whether that process still lives. A pid alone proves nothing: the system gives it away again, another
// container counts its own, and clocks are set. So a holder is its pid, its birth, the boot that it belongs to, and the host.

import {readFileSync} from 'node:fs'
import {readFile, readlink} from 'node:fs/promises'
import {hostname} from 'node:os'

/** One process among all that can see a shared folder. Null: the system does not tell. */
export interface LockHolder {
  readonly pid: number
  /** When it started, as its system counts it: ticks since the boot on Linux, else the text of `ps`. */
  readonly birth: string | null
  readonly boot: string | null
  /** Host name and machine id. */
  readonly host: string
  readonly machine: string | null
  /** The namespace that its pid belongs to. */
  readonly pids: string | null
}

/** `unknown`: it lives elsewhere, or its system does not tell enough. */
export type HolderState = 'alive' | 'gone' | 'unknown'

/** This process. */
export async function ownHolder(): Promise<LockHolder> {
  const [birth, boot, machine, pids] = await Promise.all([
    birthOf(process.pid),
    lineOf('/proc/sys/kernel/random/boot_id'),
    lineOf('/etc/machine-id'),
    readlink('/proc/self/ns/pid').catch(() => null),
  ])
  return {pid: process.pid, birth, boot, host: hostname(), machine, pids}
}

/** Reads what {@link ownHolder} wrote; null for anything else. */
export function parseHolder(text: string): LockHolder | null {
  try {
    const value = JSON.parse(text) as Partial<LockHolder> | null
    const isText = (member: unknown): boolean => member === null || typeof member === 'string'
    const {pid, birth, boot, host, machine, pids} = value ?? {}
    const whole = Number.isSafeInteger(pid) && pid! > 0 && typeof host === 'string'
    return whole && [birth, boot, machine, pids].every(isText) ? (value as LockHolder) : null
  } catch {
    return null
  }
}

/** Judges a holder from this process. */
export async function holderState(holder: LockHolder, own: LockHolder): Promise<HolderState> {
  if (holder.host !== own.host || holder.machine !== own.machine) return 'unknown'
  if (holder.boot !== own.boot) {
    // Without a machine id, two hosts of one name cannot be told from one that was restarted.
    return holder.boot !== null && own.boot !== null && own.machine !== null ? 'gone' : 'unknown'
  }
  if (holder.pids !== own.pids) return 'unknown'
  if (!isRunning(holder.pid)) return 'gone'
  if (holder.birth === null) return 'unknown'
  const birth = await birthOf(holder.pid)
  if (birth === holder.birth) return 'alive'
  return birth === null && process.platform !== 'linux' ? 'unknown' : 'gone'
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Null for a process that is gone or a zombie, and where the system does not tell. */
async function birthOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return birthInProc(pid)
  if (process.platform === 'win32') return null
  const {captureProgram} = await import('../spawn/capture.ts')
  const argv = ['ps', '-o', 'lstart=', '-p', String(pid)] as const
  const {stdout} = await captureProgram({
    argv: [...argv],
    env: {...process.env, LC_ALL: 'C', TZ: 'UTC'},
    timeoutMs: 1000,
  })
  return stdout.trim() || null
}

function birthInProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the name of the program in parentheses and may hold anything.
    const [state, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? null : (more[18] ?? null)
  } catch {
    return null
  }
}

const lineOf = (path: string): Promise<string | null> =>
  readFile(path, 'latin1').then(
    (text) => text.trim() || null,
    () => null,
  )
