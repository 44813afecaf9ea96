// Thirty-two callers, each with its own calls one after the other. A call is known by its key alone, has one right answer,
// and ends with exactly one outcome.

import {Agent, request} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {outcomeOf} from './outcome.ts'

/** One call and what came of it. Times are monotonic milliseconds. */
export interface CallRecord {
  readonly key: string
  readonly startedAt: number
  endedAt: number
  /** See {@link outcomeOf}; besides `lost` (nothing in time) and `service_gone` (no connection, or it broke without a byte). */
  outcome: string
}

/** What the callers do. */
export interface Load {
  readonly url: string
  /** The keys of each caller, in its order. */
  readonly keys: readonly (readonly string[])[]
  /** Further arguments of the call `key`. */
  readonly args: (key: string) => Readonly<Record<string, unknown>>
  /** Milliseconds after which a call without an answer counts as lost. */
  readonly lostAfter: number
  readonly onEnd?: (record: CallRecord) => void
}

/** A caller that finds nobody tries its next call a little later. */
const PAUSE_MS = 100
const NOBODY_THERE = new Set(['service_gone', 'service_stopping', 'refused'])

/** Runs the load to its end. */
export async function runCallers(load: Load): Promise<CallRecord[]> {
  const agent = new Agent({keepAlive: true, maxSockets: Number.POSITIVE_INFINITY})
  const records: CallRecord[] = []
  let id = 0
  const caller = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      const record = {key, startedAt: performance.now(), endedAt: 0, outcome: 'lost'}
      records.push(record)
      record.outcome = await callOnce({...load, agent, key, id: ++id})
      record.endedAt = performance.now()
      load.onEnd?.(record)
      if (NOBODY_THERE.has(record.outcome)) await sleep(PAUSE_MS)
    }
  }
  try {
    await Promise.all(load.keys.map(caller))
  } finally {
    agent.destroy()
  }
  return records
}

/** One call. Never rejects. */
export function callOnce(
  call: Omit<Load, 'keys' | 'onEnd'> & {key: string; id: number; agent?: Agent},
): Promise<string> {
  const {key, id} = call
  const params = {name: 'work', arguments: {key, ...call.args(key)}}
  const body = Buffer.from(JSON.stringify({jsonrpc: '2.0', id, method: 'tools/call', params}))
  return new Promise((resolve) => {
    const sent = request(call.url, {
      method: 'POST',
      ...(call.agent === undefined ? {agent: false} : {agent: call.agent}),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': body.length,
      },
    })
    const timer = setTimeout(() => finish('lost'), call.lostAfter)
    const finish = (outcome: string): void => {
      clearTimeout(timer)
      resolve(outcome)
      if (outcome === 'lost') sent.destroy()
    }
    sent.on('error', () => finish('service_gone'))
    sent.on('response', (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', () => {})
      reply.on('close', () => {
        const {statusCode: status = 0, complete, headers} = reply
        const text = Buffer.concat(chunks).toString('utf8')
        finish(outcomeOf(key, id, {status, contentType: headers['content-type'] ?? '', body: text, complete}))
      })
    })
    sent.end(body)
  })
}
