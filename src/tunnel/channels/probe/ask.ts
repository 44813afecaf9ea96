// One message of our own to an MCP server over HTTP, as a promise.

import {readRpcMessage} from '../../../foundation/wire/index.ts'
import type {ChannelFailure, UpstreamHead} from '../channel.ts'
import {Exchange, type ExchangeContext} from '../http/exchange.ts'

/** What came back. `rpc` is the parsed response; null for an accepted notification. */
export type Asked =
  | {readonly outcome: 'answered'; readonly rpc: Record<string, unknown> | null; readonly head: UpstreamHead}
  | {readonly outcome: 'failed'; readonly failure: ChannelFailure}
  | {readonly outcome: 'timeout'}

/** A question and how long to wait. */
export interface Question {
  readonly message: object
  readonly headers: readonly string[]
  /** Monotonic. */
  readonly deadline: number
}

/** Asks once. Never rejects. */
export function ask(context: ExchangeContext, {message, headers, deadline}: Question): Promise<Asked> {
  return new Promise((resolve) => {
    let exchange: Exchange | null = null
    const left = Math.max(0, deadline - context.target.clock.now())
    const timer = setTimeout(() => {
      exchange?.cancel('caller')
      resolve({outcome: 'timeout'})
    }, left)
    const done = (asked: Asked): void => {
      clearTimeout(timer)
      resolve(asked)
    }
    exchange = new Exchange(
      context,
      {requestId: 'probe', message: readRpcMessage(Buffer.from(JSON.stringify(message))), headers, deadline},
      {
        onNotification: () => {},
        onResponse: (raw, head) => done({outcome: 'answered', rpc: parse(raw), head}),
        onAccepted: (head) => done({outcome: 'answered', rpc: null, head}),
        onFailure: (failure) => done({outcome: 'failed', failure}),
      },
    )
    exchange.start()
  })
}

/** The envelope of an answer has been scanned, its inside may still be garbage. */
function parse(raw: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(raw.toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}
