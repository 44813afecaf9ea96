// The contract of a check. A check declares what it needs, why it matters and what to do; it looks, and returns what it saw.

import type {FailureClass, Who} from '../../foundation/errors/index.ts'
import type {FactName, FactValues} from './facts.ts'

/**
 * PASS shown; WARN works now, will hurt; FAIL shown that a call would not work now; UNKNOWN tried, no proof either way;
 * SKIP does not apply or switched off; BLOCKED a lower rung failed.
 */
export type CheckStatus = 'PASS' | 'WARN' | 'FAIL' | 'SKIP' | 'UNKNOWN' | 'BLOCKED'

/** The rungs of a ladder, lowest first. Their order is law. */
export const LADDER = ['route', 'resolve', 'connect', 'proxy', 'tls', 'http', 'auth', 'scope', 'protocol'] as const
export type LadderRung = (typeof LADDER)[number]

/** Something that the daemon has to reach. */
export interface Destination {
  /** `control_plane` or `mcp:<channel>`. */
  readonly name: string
  readonly kind: 'control_plane' | 'mcp'
  /** The channel of an MCP destination. */
  readonly channel: string | null
  /** Its failure means that a call would not work now. */
  readonly required: boolean
  /** The rungs that the way there has: no TLS without https, nothing but the protocol for a child process. */
  readonly rungs: readonly LadderRung[]
}

/** Who answers first on the way there. */
export interface Hop {
  readonly kind: 'direct' | 'unix'
  readonly address: string
  readonly rule: string
}

/** What a check saw. */
export interface Finding {
  readonly status: Exclude<CheckStatus, 'BLOCKED'>
  /** One line. */
  readonly summary: string
  readonly evidence?: readonly string[]
  /** Overrides the check's own advice. */
  readonly next?: readonly string[]
  /** Overrides the check's own reason. */
  readonly why?: string
  readonly failure?: FailureClass
  /** A stable code where the taxonomy has no class for it. */
  readonly code?: string
  readonly who?: readonly Who[]
  /** The raw fact behind a failure, short, for the verdict line. */
  readonly raw?: string
  /** Told by a running daemon instead of seen by us. */
  readonly source?: 'probe' | 'daemon'
  readonly inferred?: boolean
  readonly hop?: Hop
  readonly facts?: Readonly<Record<string, unknown>>
  readonly nextRun?: readonly (readonly string[])[]
  /** Time that the thing itself took, when it is not that of the check. */
  readonly ms?: number
}

/** One line of the report: a check at its destination, and what came of it. */
export interface Row extends Omit<Finding, 'status' | 'evidence' | 'next' | 'ms'> {
  readonly id: string
  readonly destination: string | null
  readonly rung: LadderRung | null
  readonly status: CheckStatus
  readonly why: string
  readonly evidence: readonly string[]
  readonly next: readonly string[]
  readonly required: boolean
  /** Key of the row that made this one BLOCKED. */
  readonly blockedBy: string | null
  readonly ms: number
}

/** What a check may ask. */
export interface CheckContext<Needs extends FactName = FactName> {
  /** Null for checks that are asked once. */
  readonly destination: Destination | null
  readonly options: DoctorSwitches
  fact<Name extends Needs>(name: Name): Promise<FactValues[Name]>
  /** The rows of a finished ladder. */
  ladder(destination: string): Promise<readonly Row[]>
}

/** Choices of the person who asks. */
export interface DoctorSwitches {
  /** Nothing leaves this machine. */
  readonly offline: boolean
  /** No child process is started. */
  readonly spawn: boolean
  /** Whole time budget in milliseconds. */
  readonly budgetMs: number
}

interface CheckBase<Needs extends FactName> {
  /** Static and unique: `--only`, JSON, docs. */
  readonly id: string
  /** What is claimed when it passes. */
  readonly title: string
  readonly why: string
  /** What to do when it does not pass and the finding knows nothing better. */
  readonly next: readonly string[]
  /** Facts that `run` may ask for; when one cannot be had, the row is BLOCKED by what broke it. */
  readonly needs: readonly Needs[]
  /** Null: does not apply here, no row. */
  run(context: CheckContext<Needs>): Promise<Finding | null>
}

/** A check that is asked once. */
export interface SingleCheck<Needs extends FactName = FactName> extends CheckBase<Needs> {
  readonly rung: null
  /** Its failure means that `run` would not start, or that a call would not work now. */
  readonly required: boolean
}

/** A check that is asked at every destination of its kinds. */
export interface RungCheck<Needs extends FactName = FactName> extends CheckBase<Needs> {
  readonly rung: LadderRung
  readonly kinds: readonly Destination['kind'][]
}

/** Any check, as the registry and the runner see it. */
export type Check = SingleCheck | RungCheck

/** Writes a check that is asked once; its `run` sees only the facts it declares. */
export const single = <const Needs extends FactName>(check: Omit<SingleCheck<Needs>, 'rung'>): SingleCheck =>
  ({...check, rung: null}) as unknown as SingleCheck

/** Writes a rung; its `run` sees only the facts it declares. */
export const rung = <const Needs extends FactName>(check: RungCheck<Needs>): RungCheck => check as unknown as RungCheck

/** `destination/id`, or the bare id: how rows are named in `failed_checks`, `blocked_by` and `--only`. */
export const rowKey = (row: {readonly id: string; readonly destination: string | null}): string =>
  row.destination === null ? row.id : `${row.destination}/${row.id}`

/** It works. */
export const pass = (summary: string, more: Omit<Finding, 'status' | 'summary'> = {}): Finding => ({
  status: 'PASS',
  summary,
  ...more,
})

/** It works now and will hurt. */
export const warn = (summary: string, more: Omit<Finding, 'status' | 'summary'>): Finding => ({
  status: 'WARN',
  summary,
  ...more,
})

/** Shown not to work. Evidence is not optional. */
export const fail = (
  summary: string,
  more: Omit<Finding, 'status' | 'summary'> & {readonly evidence: readonly string[]},
): Finding => ({status: 'FAIL', summary, ...more})

/** Does not apply, or was switched off. */
export const skip = (summary: string, more: Omit<Finding, 'status' | 'summary'> = {}): Finding => ({
  status: 'SKIP',
  summary,
  ...more,
})

/** Tried without proof either way. */
export const unknown = (summary: string, more: Omit<Finding, 'status' | 'summary'>): Finding => ({
  status: 'UNKNOWN',
  summary,
  ...more,
})
