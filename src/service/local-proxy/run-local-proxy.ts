// The life of a local tunnel in a command: up, shown, kept until something ends it, stopped without leaving anything.

import {TunnelError} from '../../foundation/errors/index.ts'
import {deferred} from '../../foundation/platform/index.ts'
import {createLocalProxy} from './create-local-proxy.ts'
import type {LocalProxy, LocalProxyOptions} from './options.ts'

/** How long calls may finish after the first signal. */
const STOP_DRAIN_MS = 4000

/** What {@link runLocalProxy} needs besides the options of the tunnel. */
export interface RunLocalProxyOptions extends Omit<LocalProxyOptions, 'signal'> {
  readonly stop: {readonly asked: AbortSignal; readonly now: AbortSignal}
  /** End by itself after this long, in milliseconds; 0: at a signal. */
  readonly durationMs?: number
  /** Called once when calls go through. `false`: that was all, stop. When it rejects, everything is stopped, too. */
  readonly onUp: (proxy: LocalProxy) => Promise<boolean>
}

/** Resolves when all is stopped, also when a signal came during the start. Rejects with a TunnelError. */
export async function runLocalProxy({stop, durationMs = 0, onUp, ...options}: RunLocalProxyOptions): Promise<void> {
  const proxy = await createLocalProxy({...options, signal: stop.asked}).catch((thrown) => {
    if (stop.asked.aborted) return null
    throw thrown
  })
  if (proxy === null) return
  let reason: string | null = null
  try {
    if (await onUp(proxy)) reason = await theEnd(proxy, stop.asked, durationMs)
  } catch (thrown) {
    if (!stop.asked.aborted) throw thrown
  } finally {
    await proxy.stop({drainMs: STOP_DRAIN_MS, now: stop.now})
  }
  if (reason !== null) throw new TunnelError('TC-DAEMON-GAVE-UP', reason)
}

/** Null for an end that was asked for, else why the daemon cannot go on. */
async function theEnd(proxy: LocalProxy, asked: AbortSignal, durationMs: number): Promise<string | null> {
  const end = deferred<string | null>()
  const onAsked = (): void => end.resolve(null)
  if (asked.aborted) onAsked()
  asked.addEventListener('abort', onAsked, {once: true})
  const timer = durationMs > 0 ? setTimeout(onAsked, durationMs) : undefined
  void proxy.broken.then(end.resolve)
  const reason = await end.promise
  clearTimeout(timer)
  asked.removeEventListener('abort', onAsked)
  return reason
}
