// CPU and memory of processes and of the whole machine, read from /proc. Elsewhere the columns stay empty.

import {readdirSync, readFileSync} from 'node:fs'

/** CPU seconds, user and system together; a clock tick is 10 ms. Null when /proc cannot say. */
export function cpuSeconds(pid: number): number | null {
  const text = read(`/proc/${pid}/stat`)
  if (!text) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** CPU milliseconds of all living threads, from the scheduler's own nanoseconds; null when /proc cannot say. */
export function fineCpuMs(pid: number): number | null {
  const tasks = list(`/proc/${pid}/task`)
  if (!tasks) return null
  let sum = 0
  for (const task of tasks) sum += Number((read(`/proc/${pid}/task/${task}/schedstat`) ?? '0').split(' ')[0])
  return sum / 1e6
}

/** Resident size now, in MiB. */
export function rss(pid: number): number | null {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return kib ? Number(kib) / 1024 : null
}

/** Open file descriptors. */
export const openFiles = (pid: number): number | null => list(`/proc/${pid}/fd`)?.length ?? null

/** Ids of the child processes, whichever thread has started them. */
export const childrenOf = (pid: number): number[] =>
  (list(`/proc/${pid}/task`) ?? [])
    .flatMap((task) => (read(`/proc/${pid}/task/${task}/children`) ?? '').split(' '))
    .filter(Boolean)
    .map(Number)

/** The child process that runs `program`. Throws when there is none: a 0 would name our own group to who kills it. */
export function childThatRuns(program: string, pid: number): number {
  const child = childrenOf(pid).find((id) => read(`/proc/${id}/cmdline`)?.includes(program))
  if (child === undefined) throw new Error(`process ${pid} has no child that runs ${program}`)
  return child
}

/** Highest resident size so far, in MiB. */
export function peakRss(pid: number): number | null {
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return kib ? Number(kib) / 1024 : null
}

/** Seconds that all cores together have been busy. */
export function machineBusySeconds(): number | null {
  const fields = /^cpu\s+(.+)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(' ')
    .map(Number)
  if (!fields) return null
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
  return (user + nice + system + irq + softirq + steal) / 100
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function list(path: string): string[] | null {
  try {
    return readdirSync(path)
  } catch {
    return null
  }
}
