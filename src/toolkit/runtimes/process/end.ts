// Ends a runtime: asks it to finish, shows what is left, and takes it down when its time is up. Whoever is signalled was
// verified a moment before.

import {setTimeout as pause} from 'node:timers/promises'
import {messageOf} from '../../../foundation/errors/index.ts'
import type {HttpDoor} from '../../../foundation/platform/index.ts'
import {readDaemonStatus} from '../../live/index.ts'
import {descendantsOf, type ProcessFacts, processFacts} from './process-facts.ts'

/** How the waiting goes on. */
export interface DrainProgress {
  /** Null: the daemon does not tell. */
  readonly callsLeft: number | null
  /** Until the process is taken down. */
  readonly msLeft: number
}

/** What ending a process takes. */
export interface EndOptions {
  readonly facts: ProcessFacts
  /** Address to ask for the calls left; empty: nobody. */
  readonly healthUrl: string
  readonly door: HttpDoor
  /** How long it may take its time after SIGTERM, in milliseconds. */
  readonly patienceMs: number
  readonly onProgress: (progress: DrainProgress) => void
  readonly signal: AbortSignal
}

/** How it went. `why` is set when it still lives. */
export type Ended = {readonly ended: true; readonly forced: boolean} | {readonly ended: false; readonly why: string}

const POLL_MS = 50
const ASK_MS = 250
const AFTER_KILL_MS = 3000

/** SIGTERM, wait, SIGKILL to the group. Rejects when `signal` aborts the waiting; the process then goes on ending. */
export async function endProcess(options: EndOptions): Promise<Ended> {
  const {facts, patienceMs, signal} = options
  const {pid} = facts
  if (!(await lives(facts))) return {ended: true, forced: false}
  const refused = send(pid, 'SIGTERM')
  if (refused !== null) return (await lives(facts)) ? {ended: false, why: refused} : {ended: true, forced: false}
  const until = performance.now() + patienceMs
  let asked = performance.now()
  let asking: Promise<void> = Promise.resolve()
  while (performance.now() < until) {
    if (!(await lives(facts))) return {ended: true, forced: false}
    if (performance.now() - asked >= ASK_MS) {
      asked = performance.now()
      asking = report(options, until)
    }
    await pause(POLL_MS, undefined, {signal})
  }
  await asking
  return await force(facts)
}

/** The same process: neither gone nor given to somebody else. */
async function lives({pid, birth}: ProcessFacts): Promise<boolean> {
  const now = await processFacts(pid)
  return now !== null && now.birth === birth
}

async function force(facts: ProcessFacts): Promise<Ended> {
  const children = await descendantsOf(facts.pid)
  if (!(await lives(facts))) return {ended: true, forced: false}
  const refused = send(facts.group === facts.pid && process.platform !== 'win32' ? -facts.pid : facts.pid, 'SIGKILL')
  const until = performance.now() + AFTER_KILL_MS
  while ((await lives(facts)) && performance.now() < until) await pause(POLL_MS)
  // Servers on stdio lead groups of their own; the daemon would have ended them.
  for (const child of children)
    if (await lives(child)) send(child.group === child.pid ? -child.pid : child.pid, 'SIGKILL')
  if (!(await lives(facts))) return {ended: true, forced: true}
  return {ended: false, why: refused ?? `process ${facts.pid} did not exit after SIGTERM and SIGKILL`}
}

async function report({healthUrl, door, onProgress}: EndOptions, until: number): Promise<void> {
  const status = healthUrl === '' ? null : await readDaemonStatus(healthUrl, {door, timeoutMs: ASK_MS})
  onProgress({callsLeft: status?.callsInFlight ?? null, msLeft: Math.max(0, until - performance.now())})
}

/** Null, or why the signal was not delivered. */
function send(pid: number, name: NodeJS.Signals): string | null {
  try {
    process.kill(pid, name)
    return null
  } catch (thrown) {
    return `signal process ${Math.abs(pid)}: ${messageOf(thrown)}`
  }
}
