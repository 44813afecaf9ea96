// Descriptors that our parent handed to us, such as a lock of a shell script (`exec 200>lock`), pass on to every child: Node
// marks only its own, and a run of low ones, as closed at exec. A child that outlives us would hold the lock permanently.

import type {StdioOptions} from 'node:child_process'
import {closeSync, fstatSync, openSync, readdirSync, readFileSync} from 'node:fs'

type Stdio = Exclude<StdioOptions, string>

/** O_CLOEXEC as the kernel prints the flags of a descriptor. */
const CLOSED_AT_EXEC = 0o2000000
/** Higher ones are left alone: each number up to the highest costs memory at a start. */
const MAX_DESCRIPTOR = 16_384

/**
 * Calls `start` with a stdio list that gives the child /dev/null in the place of every inherited descriptor above 2. Where
 * that is impossible, the list is what was given.
 */
export function withoutInherited<T>(stdio: Stdio, start: (stdio: Stdio) => T): T {
  const inherited = inheritedDescriptors()
  if (inherited.length === 0) return start(stdio)
  const nothing = open()
  if (nothing === null) return start(stdio)
  try {
    const longer = [...stdio]
    for (let fd = longer.length; fd <= Math.max(...inherited); fd += 1) longer.push('ignore')
    for (const fd of inherited) longer[fd] = nothing
    return start(longer)
  } finally {
    closeSync(nothing)
  }
}

function inheritedDescriptors(): number[] {
  if (process.platform === 'win32') return []
  try {
    const listing = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd'
    return readdirSync(listing)
      .map(Number)
      .filter((fd) => fd > 2 && fd <= MAX_DESCRIPTOR && passesOn(fd))
  } catch {
    return []
  }
}

/** Only Linux tells the flags. Elsewhere every open one counts: the child loses nothing that it could use. */
function passesOn(fd: number): boolean {
  try {
    if (process.platform !== 'linux') return fstatSync(fd) !== undefined
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_AT_EXEC) === 0
  } catch {
    return false
  }
}

function open(): number | null {
  try {
    return openSync('/dev/null', 'r+')
  } catch {
    return null
  }
}
