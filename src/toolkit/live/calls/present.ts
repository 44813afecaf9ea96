// Calls as a table, one call as a timeline.

import {docsCommand} from '../../../foundation/errors/index.ts'
import {type Block, fields, heading, note, printable, type Tone, table} from '../../../foundation/platform/index.ts'
import type {CallDetailDocument, CallDocument, CallPhaseDocument, CallTurn} from '../../../tunnel/ops/index.ts'
import {bytesText, clockText, durationText, outcomeText, PHASES, TURNS, whatText, whoText} from './words.ts'

interface Column {
  readonly title: string
  readonly cell: (call: CallDocument) => string
  /** Least width in a table that grows line by line. */
  readonly width: number
  /** Where there is no room, the highest goes first; 0 stays. */
  readonly spare: number
  /** What takes its place instead of nothing. */
  readonly short?: Column
}

const END_CHARS = 8

const COLUMNS: readonly Column[] = [
  {title: 'TIME', cell: (call) => clockText(call.times.polled), width: 12, spare: 1},
  {title: 'TOOK', cell: (call) => durationText(call.duration_ms), width: 9, spare: 0},
  {title: 'OUTCOME', cell: outcomeText, width: 22, spare: 0},
  {title: 'CHANNEL', cell: (call) => printable(call.channel), width: 8, spare: 2},
  {title: 'WHAT', cell: whatText, width: 20, spare: 0},
  {title: 'IN', cell: (call) => bytesText(call.request_bytes), width: 8, spare: 5},
  {
    title: 'OUT',
    cell: (call) => (call.response_bytes === null ? '-' : bytesText(call.response_bytes)),
    width: 8,
    spare: 4,
  },
  {
    title: 'ID',
    cell: (call) => printable(call.id),
    width: 22,
    spare: 3,
    // The end of an id names a call as well.
    short: {title: 'ID ENDS', cell: (call) => printable(call.id).slice(-END_CHARS), width: END_CHARS, spare: 0},
  },
]

const BLANKS = 2
const LEAST_SHOWN_MS = 0.05

/** Draws the lines of a table; the first call of it draws the titles, too. */
export type CallLines = (calls: readonly CallDocument[]) => readonly Block[]

/**
 * The calls as one table that fits into `columns` characters, as far as what everybody needs allows. `narrowed`: only some
 * calls were asked for.
 */
export function callsBlocks(
  calls: readonly CallDocument[],
  columns: number | undefined,
  {narrowed = true} = {},
): Block[] {
  if (calls.length === 0) {
    return [note(narrowed ? 'No such calls are remembered.' : 'No call has come since this daemon started.')]
  }
  const shown = fitting(({title, cell}) => Math.max(title.length, ...calls.map((call) => cell(call).length)), columns)
  return [
    table(
      shown.map(({title}) => title),
      calls.map((call) => shown.map(({cell}) => cell(call))),
    ),
  ]
}

/** The same for a table that grows: its widths do not depend on what comes. */
export function callLines(columns: number | undefined): CallLines {
  const shown = fitting(({width}) => width, columns)
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(shown[at]!.width))
      .join(' '.repeat(BLANKS))
      .trimEnd()
  let titled = false
  return (calls) => {
    const titles = titled ? [] : [note(line(shown.map(({title}) => title)))]
    titled = true
    return [...titles, ...calls.map((call) => note(line(shown.map(({cell}) => cell(call))), toneOf(call)))]
  }
}

/** The columns that have room together. */
function fitting(widthOf: (column: Column) => number, columns = Number.POSITIVE_INFINITY): readonly Column[] {
  const shown = [...COLUMNS]
  const total = (): number => shown.reduce((sum, column) => sum + widthOf(column) + BLANKS, -BLANKS)
  while (total() > columns) {
    const spare = Math.max(...shown.map((column) => column.spare))
    if (spare === 0) break
    const at = shown.findIndex((column) => column.spare === spare)
    const {short} = shown[at]!
    shown.splice(at, 1, ...(short === undefined ? [] : [short]))
  }
  return shown
}

const toneOf = ({outcome}: CallDocument): Tone =>
  outcome === 'answered' ? 'plain' : outcome === 'open' || outcome === 'cancelled' ? 'warn' : 'fail'

/** What is open, in one line. */
export function openText(calls: readonly CallDocument[]): string {
  const [oldest] = calls
  if (oldest === undefined) return 'no call is open'
  const turn = oldest.waiting_on === null ? '' : ` (${TURNS[oldest.waiting_on] ?? oldest.waiting_on})`
  return `${calls.length} open, oldest: ${whatText(oldest)} since ${clockText(oldest.times.polled)}${turn}`
}

/** One call: what it was, its way, whose turn it was, and for failures what to do. */
export function callBlocks(call: CallDetailDocument): Block[] {
  return [
    heading(`${whatText(call)} on ${printable(call.channel)}`),
    fields([
      ['Id', printable(call.id)],
      [
        'Outcome',
        `${outcomeText(call)}, ${call.outcome === 'open' ? 'for' : 'after'} ${durationText(call.duration_ms)}`,
      ],
      ['Taken', new Date(call.times.polled).toISOString()],
      ['Transport', printable(call.transport ?? 'none: there is no such channel')],
      ...(call.rpc_id === null ? [] : ([['JSON-RPC id', printable(call.rpc_id)]] as const)),
      ...(call.session === null ? [] : ([['Session', `${printable(call.session)} (hash)`]] as const)),
      ['Size', sizesText(call)],
      ...(call.attempts > 1 ? ([['Sent', `${call.attempts} times`]] as const) : []),
    ]),
    timeline(call.phases),
    ...turnNote(call),
    ...failureBlocks(call),
  ]
}

function sizesText({request_bytes, response_bytes, notifications}: CallDetailDocument): string {
  const out = response_bytes === null ? 'nothing out' : `${bytesText(response_bytes)} out`
  const before = notifications === 0 ? '' : `, ${notifications} message${notifications === 1 ? '' : 's'} before`
  return `${bytesText(request_bytes)} in, ${out}${before}`
}

function timeline(phases: readonly CallPhaseDocument[]): Block {
  const total = sum(phases)
  let at = 0
  const rows = phases.flatMap(({phase, turn, ms, last}) => {
    const from = at
    at += ms ?? 0
    // A stretch that took no time tells nothing, unless it is where things stand.
    if (ms !== null && ms < LEAST_SHOWN_MS && !last) return []
    const row = [
      durationText(from),
      ms === null ? 'unknown' : durationText(ms),
      ms === null || total === 0 ? '' : `${Math.round((100 * ms) / total)} %`,
      TURNS[turn] ?? printable(turn),
      `${PHASES[phase] ?? printable(phase)}${ms === null ? ': its clock is ahead of ours' : ''}${last ? ' <' : ''}`,
    ]
    return [row]
  })
  return table(['AT', 'TOOK', 'SHARE', 'WHOSE TURN', 'WHAT'], rows)
}

const sum = (phases: readonly CallPhaseDocument[]): number => phases.reduce((all, {ms}) => all + (ms ?? 0), 0)

function turnNote({phases, outcome, waiting_on: waiting}: CallDetailDocument): Block[] {
  if (outcome === 'open' && waiting !== null) return [note(`It is the turn of: ${TURNS[waiting] ?? waiting}`, 'warn')]
  const total = sum(phases)
  if (total === 0) return []
  const turns = (Object.keys(TURNS) as CallTurn[]).map((turn) => ({
    turn,
    ms: sum(phases.filter((phase) => phase.turn === turn)),
  }))
  const most = turns.reduce((a, b) => (b.ms > a.ms ? b : a))
  return [note(`Most of the time: ${TURNS[most.turn]}, ${durationText(most.ms)} of ${durationText(total)}`)]
}

function failureBlocks(call: CallDetailDocument): Block[] {
  if (call.failure_class === null) return []
  const pairs: [string, string | null][] = [
    ['Failure', `${call.failure_class}: ${call.title ?? ''}`],
    ['Rung', call.rung],
    ['Who can act', whoText(call.who)],
    ['Next', call.next],
    ['Code', call.code],
    ['Docs', call.docs && docsCommand(call.docs)],
  ]
  return [fields(pairs.flatMap(([key, value]) => (value === null ? [] : [[key, printable(value)] as const])))]
}
