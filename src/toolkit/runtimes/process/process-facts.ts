// What the system says of a process: since when it runs, as what, and who leads its group. A zombie is nobody.

import {readdir, readFile, readlink} from 'node:fs/promises'
import {captureProgram} from '../../../foundation/platform/index.ts'

/** A living process. Null: the system does not tell. */
export interface ProcessFacts {
  readonly pid: number
  /** Milliseconds since the epoch, at most a second too early. */
  readonly startedAt: number | null
  /** The same as the system counts it: tells two holders of one pid apart whatever happens to the clock. */
  readonly birth: string | null
  /** Path of the running image, also when an upgrade has replaced the file. */
  readonly executable: string | null
  readonly argv: readonly string[] | null
  /** Leader of its process group. */
  readonly group: number | null
  readonly parent: number | null
}

/** The kernel counts in hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10

/** Looks at a process; null when it is gone or a zombie. */
export async function processFacts(pid: number): Promise<ProcessFacts | null> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return null
  if (process.platform === 'linux') return await fromProc(pid)
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return null
  }
  return process.platform === 'win32'
    ? {pid, startedAt: null, birth: null, executable: null, argv: null, group: null, parent: null}
    : fromPs(pid)
}

/** Everything that a process started and that still hangs below it. Linux only; elsewhere nobody is found. */
export async function descendantsOf(pid: number): Promise<ProcessFacts[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = (await Promise.all(pids.map(processFacts))).filter((facts) => facts !== null)
  const below = (parent: number): ProcessFacts[] =>
    all.filter((facts) => facts.parent === parent).flatMap((facts) => [facts, ...below(facts.pid)])
  return below(pid)
}

async function fromProc(pid: number): Promise<ProcessFacts | null> {
  const [stat, cmdline, executable, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    readlink(`/proc/${pid}/exe`).catch(() => null),
    bootTime(),
  ])
  // The second field is the program's name in parentheses and may hold anything.
  const [state, parent, group, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (stat === '' || state === 'Z' || state === 'X') return null
  const ticks = Number(more[16])
  return {
    pid,
    startedAt: boot === null || !Number.isFinite(ticks) ? null : boot + ticks * TICK_MS,
    birth: more[16] ?? null,
    executable: executable?.replace(/ \(deleted\)$/, '') ?? null,
    argv: cmdline === '' ? null : cmdline.replace(/\0$/, '').split('\0'),
    group: Number(group),
    parent: Number(parent),
  }
}

async function bootTime(): Promise<number | null> {
  const found = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'latin1').catch(() => ''))
  return found === null ? null : Number(found[1]) * 1000
}

async function fromPs(pid: number): Promise<ProcessFacts | null> {
  const argv = ['ps', '-o', 'stat=,pgid=,ppid=,lstart=,args=', '-ww', '-p', String(pid)] as const
  const {status, stdout} = await captureProgram({argv: [...argv], env: {...process.env, LC_ALL: 'C'}, timeoutMs: 1000})
  const found = /^\s*(\S+)\s+(\d+)\s+(\d+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/s.exec(stdout)
  if (status !== 0 || found === null || found[1]!.startsWith('Z')) return null
  const startedAt = Date.parse(found[4]!)
  return {
    pid,
    startedAt: Number.isNaN(startedAt) ? null : startedAt,
    birth: found[4]!,
    executable: null,
    // ps joins the words with blanks: good enough to look for ours.
    argv: found[5]!.trim().split(' '),
    group: Number(found[2]),
    parent: Number(found[3]),
  }
}
