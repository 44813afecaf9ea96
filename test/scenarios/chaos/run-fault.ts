// Runs one fault against one world and judges what came of it. The verdict is a row of the table; what must not be is a
// list of sentences, empty when all is well.

import {type CallRecord, runCallers} from './callers.ts'
import {type Fault, isHit, type Transport} from './fault.ts'
import type {World} from './world.ts'

/** A row of the table. Times are milliseconds. */
export interface FaultRow {
  readonly fault: string
  readonly transport: Transport
  readonly calls: number
  readonly right: number
  readonly affected: number
  /** Everything that was not right, counted by outcome. */
  readonly failures: Readonly<Record<string, number>>
  readonly executionsMax: number
  /** Calls that were run and whose caller has not got the answer. */
  readonly runInVain: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly recovery: number
  /** What went against the expectation. */
  readonly problems: readonly string[]
}

const CALLERS = 32
const ROUNDS = 4
const LEAST_RIGHT = 0.99
const AFFECTED_WITHIN_MS = 12_000
/** Of calls that the fault has not touched, on a busy machine of two cores. */
const UNAFFECTED_P99_MS = 8_000
const RECOVERY_MS = 15_000
const TYPELESS = new Set(['lost', 'wrong', 'twice', 'unanswered', 'broken', 'untyped'])

/** One fault, from a healthy world to a healthy world. */
export async function runFault(world: World, fault: Fault): Promise<FaultRow> {
  const keys = keysOf(`${fault.name}.${world.transport}`, fault.rounds ?? ROUNDS)
  world.fresh(keys.flat())
  const logFrom = world.daemon.process.stderr().length
  const within = fault.expect.within ?? AFFECTED_WITHIN_MS
  const harm = (async () => fault.inject(world))()
  if (fault.first === true) await harm
  const records = await runCallers({
    url: world.service.mcpUrl,
    keys,
    args: (key) => ({ms: 5 + (key.length % 3) * 10, ...fault.args?.(isHit(key))}),
    lostAfter: within + 10_000,
    onEnd: () => world.noteEnd(),
  })
  await harm
  await world.restore()
  const problems: string[] = []
  const recovery = await world.recovered(fault.expect.recovers ?? RECOVERY_MS).catch((thrown: Error) => {
    problems.push(`no recovery: ${thrown.message}`)
    return Number.NaN
  })
  const log = world.daemon.process.stderr().slice(logFrom)
  problems.push(...judge({world, fault, records, log, within}))
  return {...summary(world, fault, records), recovery: Math.round(recovery), problems}
}

function keysOf(prefix: string, rounds: number): string[][] {
  return Array.from({length: CALLERS}, (_, caller) =>
    Array.from({length: rounds}, (_, round) => {
      const hit = caller % 4 === 0 && round === 1 + ((caller % 3) % (rounds - 1))
      return `${prefix}.${caller}.${round}${hit ? '!' : ''}`
    }),
  )
}

interface Trial {
  readonly world: World
  readonly fault: Fault
  readonly records: readonly CallRecord[]
  readonly log: string
  readonly within: number
}

function judge({world, fault, records, log, within}: Trial): string[] {
  const problems: string[] = []
  const {affected: allowed, seen = [], logged = [], calm: calmMs = UNAFFECTED_P99_MS} = fault.expect
  const affected = records.filter((record) => world.isAffected(record))
  const calm = records.filter((record) => !world.isAffected(record))
  if (affected.length === 0) problems.push('the fault has touched no call')
  for (const {key, outcome, startedAt, endedAt} of affected) {
    if (!allowed.includes(outcome)) problems.push(`${key} ended as ${outcome}`)
    if (endedAt - startedAt > within) problems.push(`${key} took ${Math.round(endedAt - startedAt)} ms`)
  }
  const right = calm.filter(({outcome}) => outcome === 'right')
  for (const {key, outcome} of calm) if (TYPELESS.has(outcome)) problems.push(`${key}, unaffected, ended as ${outcome}`)
  if (right.length < calm.length * LEAST_RIGHT) {
    problems.push(`of ${calm.length} unaffected calls ${right.length} were right: ${JSON.stringify(count(calm))}`)
  }
  const p99 = percentile(calm, 0.99)
  if (p99 > calmMs) problems.push(`p99 of unaffected calls is ${Math.round(p99)} ms`)
  for (const outcome of seen) {
    if (!affected.some((record) => record.outcome === outcome)) problems.push(`no affected call ended as ${outcome}`)
  }
  for (const failure of logged) {
    if (!log.includes(failure)) problems.push(`the daemon's log does not name ${failure}`)
  }
  const runs = world.executions()
  for (const {key, outcome} of records) {
    const times = runs.get(key) ?? 0
    if (times > 1) problems.push(`${key} was run ${times} times`)
    if (outcome === 'right' && times !== 1) problems.push(`${key} was answered and run ${times} times`)
  }
  return problems
}

function summary(world: World, fault: Fault, records: readonly CallRecord[]) {
  const runs = world.executions()
  const calm = records.filter((record) => !world.isAffected(record))
  const {right = 0, ...failures} = count(records)
  return {
    fault: fault.name,
    transport: world.transport,
    calls: records.length,
    right,
    affected: records.length - calm.length,
    failures,
    runInVain: records.filter(({key, outcome}) => outcome !== 'right' && runs.has(key)).length,
    executionsMax: Math.max(...records.map(({key}) => runs.get(key) ?? 0)),
    p50: Math.round(percentile(calm, 0.5)),
    p99: Math.round(percentile(calm, 0.99)),
    max: Math.round(percentile(records, 1)),
  }
}

function count(records: readonly CallRecord[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const {outcome} of records) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

function percentile(records: readonly CallRecord[], share: number): number {
  const times = records.map(({startedAt, endedAt}) => endedAt - startedAt).sort((a, b) => a - b)
  return times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? 0
}
