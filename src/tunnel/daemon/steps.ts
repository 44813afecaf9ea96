// Starting and stopping have budgets: whoever supervises us must get an answer, and a failed start must leave nothing.

import {isTunnelError, messageOf, TunnelError} from '../../foundation/errors/index.ts'
import type {Releases} from '../../foundation/platform/index.ts'

const START_BUDGET_MS = 15_000
const STOP_BUDGET_MS = 10_000

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
  try {
    return await Promise.race([options.start(), givenUp])
  } catch (thrown) {
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
