// Who we are: what this process says of itself to the service, to operators and in logs.

import {randomBytes} from 'node:crypto'
import {readFile, readlink} from 'node:fs/promises'
import {hostname, userInfo} from 'node:os'
import {captureProgram} from './spawn/capture.ts'

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

/** Where a pid means something: one boot of one kernel, and one namespace of it. Empty strings where the system tells nothing. */
export interface PidRealm {
  readonly name: string
  readonly boot_id: string
  /** Linux: inode of the pid namespace, which differs between containers. */
  readonly pid_namespace: string
}

/** The realm of this process. Containers may share hostname and boot with their host, never the pid namespace. */
export async function pidRealm(): Promise<PidRealm> {
  const [boot, namespace] = await Promise.all([bootId(), readlink('/proc/self/ns/pid').catch(() => '')])
  return {name: hostname(), boot_id: boot, pid_namespace: /\d+/.exec(namespace)?.[0] ?? ''}
}

async function bootId(): Promise<string> {
  if (process.platform === 'darwin') {
    const argv = ['sysctl', '-n', 'kern.bootsessionuuid'] as const
    return (await captureProgram({argv: [...argv], env: process.env, timeoutMs: 1000})).stdout.trim()
  }
  return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '')).trim()
}
