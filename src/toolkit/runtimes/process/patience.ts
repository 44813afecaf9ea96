// How long a daemon may take to end. It knows best: what its profile says by now may be another number than it runs with.

import {CONFIG_ROWS} from '../../../foundation/config/index.ts'
import {type HttpDoor, parseDuration} from '../../../foundation/platform/index.ts'
import {readDaemonPage} from '../../live/index.ts'

/** What ending takes after the daemon's own time for its calls, in milliseconds. */
const GRACE_MS = 2000
/** A busy machine is no reason to cut calls short. */
const ASK_MS = 2000

/** The daemon's own time for its calls and a little more, in milliseconds; the preset where none at `healthUrl` tells. */
export async function patienceOf(healthUrl: string, door: HttpDoor): Promise<number> {
  const state = healthUrl === '' ? null : await readDaemonPage(healthUrl, {door, path: '/api/state', timeoutMs: ASK_MS})
  const said = (state?.limits as {readonly drain_timeout_ms?: unknown} | null | undefined)?.drain_timeout_ms
  return (typeof said === 'number' && said >= 0 ? said : presetMs()) + GRACE_MS
}

function presetMs(): number {
  const preset = CONFIG_ROWS.find(({key}) => key === 'process.drain_timeout')?.default ?? ''
  const read = parseDuration(preset)
  return read.ok ? read.ms : 0
}
