// Waits until a runtime answers, or is ready, or has ended.

import {setTimeout as pause} from 'node:timers/promises'
import type {DetachedProcess} from '../../../foundation/platform/index.ts'
import type {RuntimesContext} from '../context.ts'
import {type LocalRuntime, lookAtOne} from '../local/look.ts'
import {stateReason} from '../local/state-reason.ts'

const POLL_MS = 100

/** The runtime as it was seen last, and the exit status of a process that did not stay. */
export interface WaitedRuntime {
  readonly runtime: LocalRuntime
  readonly exitStatus: number | null
}

/** How the waiting goes on. */
export interface WaitProgress {
  readonly state: LocalRuntime['state']
  /** Why calls would not work yet. */
  readonly reason: string
  readonly msWaited: number
}

/** Waits at most `waitMs`. Rejects when the context's signal aborts; the runtime stays. */
export async function waitForRuntime(
  alias: string,
  options: {
    readonly until: 'healthy' | 'ready'
    readonly waitMs: number
    readonly child: DetachedProcess | null
    readonly context: RuntimesContext
    readonly onWait?: ((progress: WaitProgress) => void) | undefined
  },
): Promise<WaitedRuntime> {
  const {until, waitMs, child, context, onWait} = options
  const began = performance.now()
  const end = began + waitMs
  for (;;) {
    const exitStatus = child?.exitStatus() ?? null
    const runtime = await lookAtOne(alias, context)
    const enough = runtime.state === 'ready' || (until === 'healthy' && runtime.state === 'healthy')
    if (enough || exitStatus !== null || !runtime.alive || performance.now() >= end) return {runtime, exitStatus}
    onWait?.({state: runtime.state, reason: stateReason(runtime), msWaited: performance.now() - began})
    await pause(POLL_MS, undefined, {signal: context.signal})
  }
}
