// Numbers and names of calls in the words of people.

import {printable} from '../../../foundation/platform/index.ts'
import type {CallDocument, CallPhaseName, CallTurn} from '../../../tunnel/ops/index.ts'

/** `0.4 ms`, `37 ms`, `1.25 s`, `3 min 20 s`; three digits at most. */
export function durationText(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `512 B`, `1.2 KiB`, `3.4 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** Local time of day with milliseconds. */
export function clockText(wall: number): string {
  const at = new Date(wall)
  const two = (part: number): string => String(part).padStart(2, '0')
  const ms = String(at.getMilliseconds()).padStart(3, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`
}

/** Who holds a call. */
export const TURNS: Readonly<Record<CallTurn, string>> = {
  service: 'tunnel service',
  daemon: 'this daemon',
  mcp: 'MCP server',
}

/** What happens in a phase. */
export const PHASES: Readonly<Record<CallPhaseName, string>> = {
  service_queue: 'waited in the queue of the service',
  lane: 'was read, and waited for a slot',
  mcp_wait: 'waited for the first sign of an answer',
  mcp_answer: 'took in the rest of the answer',
  delivery: 'waited for its notifications to leave',
  service_ack: 'handed the answer to the service',
}

const WHO: Readonly<Record<string, string>> = {
  you: 'you, who run tunnel-client',
  it: 'whoever runs the network',
  service: 'whoever runs the tunnel service',
  mcp_vendor: 'whoever makes or runs the MCP server',
}

/** Who must act. */
export const whoText = (who: readonly string[]): string =>
  who.length === 0 ? 'nobody has to' : who.map((one) => WHO[one] ?? one).join('; or ')

/** `tools/call search`, or the kind of a command that is no JSON-RPC. */
export const whatText = ({method, tool, kind}: CallDocument): string =>
  printable(method === null ? kind.replaceAll('_', ' ') : tool === null ? method : `${method} ${tool}`)

/** `answered 200`, `error 502 child_exited`, `open: MCP server`, `cancelled`. */
export function outcomeText({outcome, status, failure_class: failure, waiting_on: turn}: CallDocument): string {
  if (outcome === 'open') return turn === null ? 'open' : `open: ${TURNS[turn] ?? turn}`
  // The class says the same once more.
  if (outcome === 'cancelled') return outcome
  return printable([outcome, status, failure].filter((part) => part !== null).join(' '))
}
