// `--only`: what a person wants to see, and how far each ladder has to be climbed for it.

import {TunnelError} from '../../foundation/errors/index.ts'
import {type Check, type CheckStatus, rowKey} from './check.ts'

/** Where a row stands. */
export interface RowPlace {
  readonly id: string
  readonly destination: string | null
}

/** What is looked at and what is shown. */
export interface Selection {
  /** Whether this rung has to be reached. Those below it are, too. */
  climbs(rung: RowPlace): boolean
  /** Whether the row is part of the report; `status` is null before it is known. */
  shows(row: RowPlace & {readonly status: CheckStatus | null}): boolean
}

/** No `--only`. */
export const EVERYTHING: Selection = {climbs: () => true, shows: () => true}

/** Checks that are drawn from a ladder without being part of it. */
const DRAWN_FROM: Readonly<Record<string, string>> = {mcp_server_reachable: 'mcp:main', clock: 'control_plane'}

/** Reads the names: a check id, a destination, or `destination/id`. Throws TC-CLI-USAGE for a check that does not exist. */
export function select(names: readonly string[], checks: readonly Check[]): Selection {
  if (names.length === 0) return EVERYTHING
  const ids = new Set(checks.map(({id}) => id))
  for (const name of names) {
    const id = name.split('/', 2)[1] ?? name
    if (ids.has(id) || name === 'control_plane' || /^mcp:[^/]+$/.test(name)) continue
    throw new TunnelError('TC-CLI-USAGE', `--only ${JSON.stringify(name)}: there is no such check`, {
      next: [`Take a destination (control_plane, mcp:main), destination/check, or one of ${[...ids].join(', ')}`],
    })
  }
  const named = (row: RowPlace): boolean =>
    names.some((name) => name === row.id || name === row.destination || name === rowKey(row))
  return {
    climbs: (rung) => named(rung) || names.some((name) => DRAWN_FROM[name] === rung.destination),
    // What broke below a wanted rung is its cause.
    shows: (row) => named(row) || (row.destination !== null && row.status === 'FAIL'),
  }
}
