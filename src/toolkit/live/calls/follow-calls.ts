// Follows the calls of a daemon: what ends is told once, in order, and what stands open can be shown meanwhile. A daemon that
// goes away is waited for, since whoever follows mostly wants to see what happens across a restart.

import {isTunnelError} from '../../../foundation/errors/index.ts'
import type {ListedCallDocument} from '../../../tunnel/ops/index.ts'
import type {CallFilter, CallsClient} from './ask-calls.ts'

/** What following needs. */
export interface FollowOptions {
  readonly client: CallsClient
  /** `limit` bounds what is shown of the past. */
  readonly filter: CallFilter
  readonly signal: AbortSignal
  /** Calls that ended since, oldest first; the first time those of the past, possibly none. */
  readonly onEnded: (calls: readonly ListedCallDocument[]) => void
  /** Calls that are open now. */
  readonly onOpen: (calls: readonly ListedCallDocument[]) => void
  /** Something that the reader should know: calls were missed, the daemon is gone or back. */
  readonly onNote: (note: string) => void
}

const EVERY_MS = 300
const PAGE = 500

/** Runs until the signal. @throws TunnelError when the daemon cannot be asked at the very beginning. */
export async function followCalls({client, filter, signal, onEnded, onOpen, onNote}: FollowOptions): Promise<void> {
  const open = new Map<string, ListedCallDocument>()
  const take = (calls: readonly ListedCallDocument[]): void => {
    for (const call of calls) {
      if (call.outcome === 'open') open.set(call.id, call)
      else open.delete(call.id)
    }
    const ended = calls.filter(({outcome}) => outcome !== 'open')
    if (ended.length > 0) onEnded(ended)
  }
  const first = await client.list(filter)
  let {instance_id: instance, next_after: after} = first
  take(first.calls)
  onOpen([...open.values()])
  let isGone = false
  while (!signal.aborted) {
    await pause(EVERY_MS, signal)
    if (signal.aborted) return
    try {
      let more = true
      while (more && !signal.aborted) {
        const page = await client.list({...filter, limit: PAGE}, after)
        if (page.instance_id !== instance) {
          onNote('the daemon was started again')
          instance = page.instance_id
          open.clear()
          // Its numbers begin anew, and ours may have been among them.
          after = 0
          continue
        }
        if (page.gap) onNote('some calls were forgotten before they could be shown')
        if (isGone) onNote('the daemon answers again')
        isGone = false
        take(page.calls)
        after = page.next_after
        more = page.more
      }
    } catch (thrown) {
      if (!isTunnelError(thrown)) throw thrown
      if (!isGone) onNote(`${thrown.message}; waiting for it`)
      isGone = true
      open.clear()
    }
    onOpen([...open.values()])
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
