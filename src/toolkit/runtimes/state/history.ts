// history.md: what was done to which runtime, one line each, for people. It never stops a command.

import {constants} from 'node:fs'
import {appendFile} from 'node:fs/promises'
import {checkTarget} from '../../../foundation/platform/index.ts'
import {ensureStateFolders, type StateRoot} from '../state-root.ts'

/** The reference's words. */
export type HistoryAction = 'create' | 'connect' | 'stale-process' | 'stale-alias' | 'stop' | 'rm' | 'cleanup'

/** One line. */
export interface HistoryEntry {
  readonly action: HistoryAction
  readonly alias: string
  readonly tunnelId: string
  /** Free text; line breaks become blanks. Never a secret. */
  readonly detail?: string
}

/** Appends a line; failures are ignored. */
export async function appendHistory(
  root: StateRoot,
  {action, alias, tunnelId, detail = ''}: HistoryEntry,
): Promise<void> {
  const clean = detail.replaceAll(/(?<!\s)\s*\n\s*/g, ' ').trim()
  const line = `- ${utcSeconds()} action=${action} alias=${alias} tunnel_id=${tunnelId.trim() || '-'}${clean && ` detail=${clean}`}\n`
  try {
    await ensureStateFolders(root)
    await checkTarget(root.historyFile)
    const flag = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
    await appendFile(root.historyFile, line, {mode: 0o600, flag})
  } catch {
    // The reference ignores it, too: the state itself is what counts.
  }
}

/** Now, or `wall` milliseconds since the epoch, as state files hold it: `2026-05-08T00:00:00Z`. */
export const utcSeconds = (wall: number = Date.now()): string => `${new Date(wall).toISOString().slice(0, 19)}Z`
