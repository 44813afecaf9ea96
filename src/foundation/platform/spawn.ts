// The door to child processes. Long-running children get a process group of their own, so that a Ctrl-C meant for us does
// not hit them while calls are finished, and so that nothing they started outlives them.
//
// Node's own call and not execa's: where no descriptor is left, execa throws and leaves behind a process object whose
// `error` event nobody can listen to, which ends us.

import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import type {Readable, Writable} from 'node:stream'
import {childFolder} from './files/working-folder.ts'
import {withoutInherited} from './spawn/inherited-descriptors.ts'

/** What to start. */
export interface SpawnOptions {
  /** Program and arguments; no shell. Not empty. */
  readonly argv: readonly [string, ...string[]]
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** How a process ended. */
export interface ChildExit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** How patient {@link SpawnedChild.stop} is, in milliseconds. */
export interface StopPatience {
  /** After closing stdin, before SIGTERM. */
  readonly afterEof: number
  /** After SIGTERM, before SIGKILL. */
  readonly afterTerm: number
}

/** A running child. Its streams are raw bytes; attach an `error` listener to `stdin` before you write. */
export interface SpawnedChild {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the process is gone; its pipes may still be held by what it started. */
  readonly exited: Promise<ChildExit>
  /**
   * Writes nothing: `stdin` reports then that its reader has closed it, which no system tells by itself to one who only
   * writes. Not on Windows, where a reader may take an empty write for the end.
   */
  feelStdin(): void
  /** Signals the whole group. False when nobody is left in it. */
  signal(name: NodeJS.Signals): boolean
  /** Closes stdin, then SIGTERM, then SIGKILL to the group. Resolves when the child and its group are gone; the pipes close. */
  stop(patience: StopPatience): Promise<ChildExit>
}

const HAS_GROUPS = process.platform !== 'win32'
const HAS_EMPTY_WRITES = process.platform !== 'win32'
const NOTHING = Buffer.alloc(0)
const GROUP_POLL_MS = 20
/** Every so many looks at a group the whole process table is read. */
const ZOMBIE_LOOKS = 5
/** What has left the group may hold the pipes for ever: they are read for as long as this after the group has ended. */
const LAST_WORDS_MS = 1000

/**
 * Starts a program. Rejects with the system's error (`code` ENOENT, EACCES, EMFILE …) when that is impossible, and with
 * `TC-CLI-FOLDER` when it would start in a folder that was deleted.
 */
export async function spawnChild({argv, env, cwd}: SpawnOptions): Promise<SpawnedChild> {
  const [program, ...rest] = argv
  const child = withoutInherited(['pipe', 'pipe', 'pipe'], (stdio) =>
    spawn(program, rest, {
      env: env as NodeJS.ProcessEnv,
      cwd: childFolder(cwd),
      detached: HAS_GROUPS,
      stdio,
      windowsHide: true,
    }),
  ) as ChildProcessByStdio<Writable, Readable, Readable>
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  // A signal that could not be sent, a pipe that cannot be read any more: `exited` and the end of the streams say it all.
  for (const source of [child, child.stdout, child.stderr]) source.on('error', () => {})
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({code, signal}))
  })
  const pid = child.pid!
  const signal = (name: NodeJS.Signals): boolean => signalGroup(pid, name)
  guardOurExit(exited, () => signal('SIGKILL'))
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    feelStdin: () => {
      if (HAS_EMPTY_WRITES && child.stdin.writable && child.stdin.writableLength === 0) child.stdin.write(NOTHING)
    },
    signal,
    stop: async ({afterEof, afterTerm}) => {
      const exit = await stopGroup({stdin: child.stdin, exited, pid, afterEof, afterTerm})
      setTimeout(() => {
        for (const pipe of [child.stdout, child.stderr]) pipe.destroy()
      }, LAST_WORDS_MS).unref()
      return exit
    },
  }
}

function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(HAS_GROUPS ? -pid : pid, name)
  } catch {
    return false
  }
}

/** If this process exits without having stopped the child, nobody else will. */
function guardOurExit(exited: Promise<ChildExit>, kill: () => void): void {
  allowListeners(1)
  process.once('exit', kill)
  void exited.then(() => {
    process.off('exit', kill)
    allowListeners(-1)
  })
}

/** 0 means that there is no limit. */
function allowListeners(more: number): void {
  const most = process.getMaxListeners()
  if (most > 0) process.setMaxListeners(most + more)
}

async function stopGroup(
  given: StopPatience & {stdin: Writable; exited: Promise<ChildExit>; pid: number},
): Promise<ChildExit> {
  const {stdin, exited, pid, afterEof, afterTerm} = given
  stdin.end()
  if (!(await within(exited, afterEof))) signalGroup(pid, 'SIGTERM')
  else if (!signalGroup(pid, 'SIGTERM')) return exited
  if (!(await groupGone(pid, afterTerm))) {
    signalGroup(pid, 'SIGKILL')
    await groupGone(pid, afterTerm)
  }
  return exited
}

async function groupGone(pid: number, ms: number): Promise<boolean> {
  const until = performance.now() + ms
  for (let look = 0; signalGroup(pid, 0); look++) {
    if (look % ZOMBIE_LOOKS === 0 && hasOnlyZombies(pid)) return true
    if (performance.now() >= until) return false
    await new Promise((resolve) => setTimeout(resolve, GROUP_POLL_MS))
  }
  return true
}

/**
 * True when every process of the group has ended and only waits to be reaped. Signals still reach such a group, and when this
 * process is PID 1 of a container its zombies may stay: Node reaps its own children only. Linux; elsewhere false.
 */
function hasOnlyZombies(group: number): boolean {
  if (process.platform !== 'linux') return false
  const states = processes()
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => stateInGroup(name, group) ?? [])
  return states.length > 0 && states.every((state) => state === 'Z' || state === 'X')
}

function processes(): string[] {
  try {
    return readdirSync('/proc')
  } catch {
    return []
  }
}

/** Process state as one letter (proc(5)); null when the process is gone or in another group. */
function stateInGroup(pid: string, group: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may contain blanks and parentheses.
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group ? state! : null
  } catch {
    return null
  }
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const inTime = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return inTime
}
