// Who we are: what this process says of itself to the service, to operators and in logs.

import {randomBytes} from 'node:crypto'
import {hostname, userInfo} from 'node:os'

/** Name on the wire (header and user agent). */
const CLIENT_NAME = 'tunnel-client-ts'

/** One running client. */
export interface ClientIdentity {
  readonly name: string
  readonly version: string
  readonly userAgent: string
  /** 16 random bytes, lower-case hex, new for every process. */
  readonly instanceId: string
}

/** The machine and process that it runs in. */
export interface HostFacts {
  readonly pid: number
  /** The parent process: a supervisor, a shell, or 1. */
  readonly supervisorPid: number
  readonly user: string
  readonly host: string
}

/** A fresh identity for this process. */
export function createIdentity(version: string): ClientIdentity {
  return {
    name: CLIENT_NAME,
    version,
    userAgent: `${CLIENT_NAME}/${version}`,
    instanceId: randomBytes(16).toString('hex'),
  }
}

/** Facts of this process. A user without an entry in the password file is shown by number. */
export function hostFacts(): HostFacts {
  return {pid: process.pid, supervisorPid: process.ppid, user: userName(), host: hostname()}
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Resident memory of this process in bytes; 0 when it cannot be read (it takes a file descriptor). */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}
