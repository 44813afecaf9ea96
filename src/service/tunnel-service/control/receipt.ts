// `X-Tunnel-Poll: 18; open=15,17; lost=16`: what a daemon says of its polls, which it does when we offer `poll_receipts`.

import type {IncomingMessage} from 'node:http'
import type {PollReceipt} from '../hub/handovers.ts'

const GRAMMAR = /^(\d{1,15})(?:; open=(\d{1,15}(?:,\d{1,15}){0,63}))?(?:; lost=(\d{1,15}(?:,\d{1,15}){0,63}))?$/
const NONE: readonly number[] = []

/** Null when the daemon says nothing, or nothing that can be understood. */
export function pollReceipt({headers}: IncomingMessage): PollReceipt | null {
  const said = headers['x-tunnel-poll']
  const match = typeof said === 'string' ? GRAMMAR.exec(said) : null
  if (match === null) return null
  return {number: Number(match[1]), open: numbers(match[2]), lost: numbers(match[3])}
}

const numbers = (list: string | undefined): readonly number[] =>
  list === undefined ? NONE : list.split(',').map(Number)
