// What another user of the machine can reach of a process: the ports that it listens on, and which of them is Node's
// inspector.

import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import type {Part} from './parts.ts'

/** The process table of Linux, where listeners can be found by pid. */
export const PROC: Part = {
  name: '/proc',
  get: 'Run on Linux',
  missing: () => (process.platform === 'linux' ? false : 'no /proc on this system'),
}

/** TCP ports that a process listens on. Empty when the process is gone. */
export function listeningPorts(pid: number): number[] {
  try {
    const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)))
    return ['tcp', 'tcp6']
      .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode))
      .map(([, local = '']) => Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
  } catch {
    return []
  }
}

function inodeOf(link: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1]
  } catch {
    return undefined
  }
}

/** Ports of a process that answer as Node's inspector does. */
export async function inspectorPorts(pid: number): Promise<number[]> {
  const asked = await Promise.all(listeningPorts(pid).map(async (port) => ((await isInspector(port)) ? [port] : [])))
  return asked.flat()
}

async function isInspector(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/json/version`, {signal: AbortSignal.timeout(2000)})
    return ((await answer.json()) as {Browser?: string}).Browser?.startsWith('node.js/') === true
  } catch {
    return false
  }
}

/** True as soon as the process does anything else with the signal than to die of it. */
export function handlesSignal(pid: number, number: number): boolean {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0'
    return (BigInt(`0x${mask}`) >> BigInt(number - 1)) % 2n === 1n
  } catch {
    return false
  }
}
