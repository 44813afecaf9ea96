// Starting and stopping have budgets: whoever supervises us must get an answer, and a failed start must leave nothing.

import {setTimeout as sleep} from 'node:timers/promises'
import {isTunnelError, messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {deferred, type Logger, type Releases} from '../../foundation/platform/index.ts'
import type {DrainReport, Relay} from '../relay/index.ts'

const START_BUDGET_MS = 15_000
const STOP_BUDGET_MS = 10_000
/** How long the rest of a start that was given up may take to notice. */
const SETTLE_BUDGET_MS = 3000

/** A start that is undone completely when it fails, takes too long or is given up. Rejects with a TunnelError. */
export async function withinStart<T>(options: {
  readonly start: () => Promise<T>
  readonly undo: () => Promise<void>
  readonly signal: AbortSignal | undefined
}): Promise<T> {
  const {signal} = options
  let timer: NodeJS.Timeout | undefined
  let onAbort = (): void => {}
  const givenUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failed(`not started within ${START_BUDGET_MS / 1000}s`)), START_BUDGET_MS)
    onAbort = () => reject(failed('context canceled'))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, {once: true})
  })
  const started = options.start()
  try {
    return await Promise.race([started, givenUp])
  } catch (thrown) {
    await options.undo().catch(() => {})
    // What was under way ends, too: a child that was being spawned, a file that was being written.
    await Promise.race([started.catch(() => {}), sleep(SETTLE_BUDGET_MS, undefined, {ref: false})])
    await options.undo().catch(() => {})
    throw isTunnelError(thrown) ? thrown : failed(messageOf(thrown), thrown)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

const failed = (message: string, cause?: unknown): TunnelError =>
  new TunnelError('TC-DAEMON-START', message, cause === undefined ? {} : {cause})

/** Closes everything, in reverse order, within the budget. Rejects with `TC-DAEMON-STOP`. */
export async function stopWithin(undo: Releases): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not everything closed within ${STOP_BUDGET_MS / 1000}s`)),
      STOP_BUDGET_MS,
    )
  })
  try {
    await Promise.race([undo.release(), late])
  } catch (thrown) {
    throw new TunnelError('TC-DAEMON-STOP', messageOf(thrown), {cause: thrown})
  } finally {
    clearTimeout(timer)
  }
}

/** Drains for at most `ms`; returns early when `now` is aborted. Says in the log what became of the calls. */
export async function drainUntil(options: {
  readonly relay: Relay
  readonly ms: number
  readonly now: AbortSignal | undefined
  readonly log: Logger
}): Promise<void> {
  const {relay, ms, now, log} = options
  if (now?.aborted) return
  const {workers, queue} = relay.snapshot()
  log.info('draining: no new commands are taken', {
    drain_timeout_ms: ms,
    running: workers.occupancy,
    queued: queue.length,
  })
  const cut = deferred<null>()
  const onNow = (): void => cut.resolve(null)
  now?.addEventListener('abort', onNow, {once: true})
  const report: DrainReport | null = await Promise.race([relay.drain(ms), cut.promise])
  now?.removeEventListener('abort', onNow)
  if (report === null) {
    log.warn('drain cut short by a second signal')
    return
  }
  const {finished, refused, undelivered} = report
  const attrs = {finished, refused, undelivered}
  if (undelivered > 0) log.warn('drained, but not every answer could be delivered', attrs)
  else log.info('drained', attrs)
}
