// Runs the checks: all at once, each ladder from the bottom up, within one budget, and never dies of a check.

import {messageOf} from '../../foundation/errors/index.ts'
import {
  type Check,
  type CheckContext,
  type Destination,
  type DoctorSwitches,
  type Finding,
  LADDER,
  type Row,
  type RungCheck,
  rowKey,
  type SingleCheck,
  skip,
  unknown,
} from './check.ts'
import {type FactName, type Facts, FactUnavailable} from './facts.ts'
import {EVERYTHING, type Selection} from './selection.ts'

/** What the runner needs. */
export interface RunOptions {
  readonly checks: readonly Check[]
  readonly facts: Facts
  readonly switches: DoctorSwitches
  /** The ladders, known once there is a configuration; null when there is none. */
  destinations(): Promise<readonly Destination[] | null>
  /** What of it is looked at and shown; everything unless told. */
  readonly selection?: Selection
  /** Aborted by Ctrl-C: what is known is reported. */
  readonly signal?: AbortSignal
  /** Called with the keys of the running checks whenever one begins or ends. Must not throw. */
  readonly onProgress?: (running: readonly string[]) => void
}

/** Everything that was found. */
export interface RunResult {
  /** Rows of checks that are asked once, in registry order, then ladder by ladder. */
  readonly rows: readonly Row[]
  readonly interrupted: boolean
  /** A check or a fact threw: the doctor itself is broken. */
  readonly defect: boolean
}

/** Runs everything. Never rejects. */
export async function runChecks(options: RunOptions): Promise<RunResult> {
  const {checks, facts, switches, signal, selection = EVERYTHING} = options
  const alarm = startAlarm(switches.budgetMs, signal)
  const ladders = new Map<string, Promise<readonly Row[]>>()
  let defect = false
  const running = new Set<string>()
  const report = (): void => options.onProgress?.([...running])

  const judge = async (check: Check, destination: Destination | null): Promise<Row | null> => {
    const key = destination === null ? check.id : `${destination.name}/${check.id}`
    running.add(key)
    report()
    try {
      return await judgeNow(check, destination)
    } finally {
      running.delete(key)
      report()
    }
  }

  const judgeNow = async (check: Check, destination: Destination | null): Promise<Row | null> => {
    const started = performance.now()
    const finish = (finding: Finding): Row => toRow({check, destination, finding, started})
    const context: CheckContext = {
      destination,
      options: switches,
      fact: (name: FactName) => {
        if (!check.needs.includes(name)) throw new Error(`${check.id} asks for ${name} without declaring it`)
        return facts.get(name, destination) as never
      },
      ladder: (name) => ladders.get(name) ?? Promise.resolve([]),
    }
    if (switches.offline && destination !== null) return finish(skip('not asked: --offline'))
    if (alarm.over !== null) return finish(outOfTime(alarm.over))
    try {
      const finding = await Promise.race([check.run(context), alarm.rang])
      if (finding === null) return null
      return finish(typeof finding === 'string' ? outOfTime(finding) : finding)
    } catch (thrown) {
      if (thrown instanceof FactUnavailable) {
        return {...finish(unknown(thrown.message, {})), status: 'BLOCKED', blockedBy: thrown.blockedBy}
      }
      defect = true
      return finish(
        unknown(`the check itself broke: ${messageOf(thrown)}`, {
          failure: 'doctor_bug',
          evidence: thrown instanceof Error && thrown.stack ? [thrown.stack.split('\n')[1]?.trim() ?? ''] : [],
        }),
      )
    }
  }

  const climb = async (destination: Destination): Promise<readonly Row[]> => {
    const ladder = checks
      .filter((check): check is RungCheck => check.rung !== null && check.kinds.includes(destination.kind))
      .filter((check) => destination.rungs.includes(check.rung))
      .toSorted((a, b) => LADDER.indexOf(a.rung) - LADDER.indexOf(b.rung))
    const top = ladder.findLastIndex(({id}) => selection.climbs({id, destination: destination.name}))
    const rungs = ladder.slice(0, top + 1)
    const rows: Row[] = []
    let broken: Row | undefined
    for (const check of rungs) {
      const row = broken ? blocked({check, destination, by: broken}) : await judge(check, destination)
      if (row === null) continue
      rows.push(row)
      if (row.status === 'FAIL') broken ??= row
    }
    return rows
  }

  const destinations = await Promise.race([options.destinations(), alarm.rang.then(() => null)]).catch(() => null)
  for (const destination of destinations ?? []) ladders.set(destination.name, climb(destination))
  const singles = checks
    .filter((check): check is SingleCheck => check.rung === null)
    .filter(({id}) => selection.shows({id, destination: null, status: null}))
    .map((check) => judge(check, null))
  const rows = [...(await Promise.all(singles)), ...(await Promise.all(ladders.values())).flat()]
  alarm.stop()
  return {
    rows: rows.filter((row) => row !== null).filter((row) => selection.shows(row)),
    interrupted: signal?.aborted === true,
    defect,
  }
}

/** Resolves once with why time is over; never when `stop` comes first. */
function startAlarm(
  budgetMs: number,
  signal: AbortSignal | undefined,
): {readonly rang: Promise<Over>; readonly over: Over | null; stop: () => void} {
  let over: Over | null = null
  let timer: NodeJS.Timeout | undefined
  let onAbort = (): void => {}
  const rang = new Promise<Over>((resolve) => {
    const ring = (why: Over): void => {
      over ??= why
      resolve(why)
    }
    timer = setTimeout(() => ring('out_of_time'), budgetMs)
    onAbort = () => ring('interrupted')
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, {once: true})
  })
  return {
    rang,
    get over() {
      return over
    },
    stop: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** Why time is over. */
type Over = 'interrupted' | 'out_of_time'

const outOfTime = (why: Over): Finding =>
  why === 'interrupted'
    ? unknown('interrupted before this was known', {})
    : unknown('the time budget ended before this was known', {
        failure: 'out_of_time',
        next: ['Run again with more time: tunnel-client doctor --timeout 60s'],
      })

function toRow(seen: {check: Check; destination: Destination | null; finding: Finding; started: number}): Row {
  const {check, destination, finding, started} = seen
  const {ms, evidence, next, why, ...rest} = finding
  const passed = finding.status === 'PASS'
  return {
    ...rest,
    id: check.id,
    destination: destination?.name ?? null,
    rung: check.rung,
    why: why ?? check.why,
    evidence: evidence ?? [],
    next: next ?? (passed || finding.status === 'SKIP' ? [] : check.next),
    required: check.rung === null ? check.required : (destination?.required ?? false),
    blockedBy: null,
    ms: Math.round(ms ?? performance.now() - started),
  }
}

function blocked({check, destination, by}: {check: RungCheck; destination: Destination; by: Row}): Row {
  return {
    id: check.id,
    destination: destination.name,
    rung: check.rung,
    status: 'BLOCKED',
    summary: `not asked: ${by.id} failed`,
    why: check.why,
    evidence: [],
    next: [],
    required: destination.required,
    blockedBy: rowKey(by),
    ms: 0,
  }
}
