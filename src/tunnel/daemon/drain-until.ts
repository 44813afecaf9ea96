// The polite part of stopping: what was taken is answered, unless somebody insists on ending now.

import type {Logger} from '../../foundation/platform/index.ts'
import type {DrainReport, Relay} from '../relay/index.ts'
import {deferred} from './deferred.ts'

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
  if (report === null) return log.warn('drain cut short by a second signal')
  const {finished, refused, undelivered} = report
  const attrs = {finished, refused, undelivered}
  if (undelivered > 0) log.warn('drained, but not every answer could be delivered', attrs)
  else log.info('drained', attrs)
}
