// Is the process that should be the daemon still there? A cross-check for scripts that know its pid.

import {readFile} from 'node:fs/promises'
import {fileProblem} from '../../foundation/platform/index.ts'

/** Member names and order are the reference's JSON. */
export interface ProcessReport {
  readonly pid?: number
  readonly pid_file?: string
  readonly running: boolean
  readonly error?: string
}

/** Looks at one process, by number or by the file that holds it. */
export async function processReport(target: {pid: number} | {pidFile: string}): Promise<ProcessReport> {
  if ('pid' in target) return {pid: target.pid, running: await processIsRunning(target.pid)}
  const path = target.pidFile
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch (thrown) {
    return {pid_file: path, running: false, error: `read ${path}: ${fileProblem(path, thrown)}`}
  }
  const pid = /^\+?\d{1,10}$/.test(text) ? Number(text) : 0
  if (pid <= 0) return {pid_file: path, running: false, error: `parse ${path} as pid: ${shown(text)}`}
  return {pid, pid_file: path, running: await processIsRunning(pid)}
}

const MOST_SHOWN = 11

/** Whoever gives the wrong file may have given one that holds keys: more than a number would be is not shown. */
const shown = (text: string): string => (text.length <= MOST_SHOWN ? JSON.stringify(text) : 'it holds something else')

/** True when the process exists, also one of another user. A zombie is dead. */
export async function processIsRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  return !/^\) [ZX] /.test(stat.slice(stat.lastIndexOf(')')))
}
