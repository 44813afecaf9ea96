// What a poll asks for, and which of the waiting commands it gets.

import {sameId} from '../../../foundation/wire/index.ts'
import type {ApiError} from '../api-error.ts'
import type {Command} from './command.ts'
import type {CommandQueue} from './command-queue.ts'
import {isOver, type PollReceipt} from './handovers.ts'

/** Most bytes of commands in one poll answer; a single larger command is sent alone. */
const ANSWER_BYTES = 16 * 1024 * 1024
/** A command that was lost so often travels alone. */
const LOSSES_TOGETHER = 2

/** A poll that waits or takes. */
export interface Poll {
  readonly limit: number
  /** Null: every channel. */
  readonly channels: ReadonlySet<string> | null
  readonly clientId: string | null
  /** What the daemon says it can do. */
  readonly features: ReadonlySet<string>
  /** It has no room for calls, only for what concerns those that it has. */
  readonly urgentOnly: boolean
  /** What the daemon says of its polls; null: nothing. */
  readonly receipt: PollReceipt | null
  /** False when the daemon is known to have hung up. */
  alive(): boolean
  /** Gets commands once, after which the poll is forgotten. They are its own until it reports what became of them. */
  give(commands: readonly Command[]): void
  /** Answers it with nothing. */
  end(): void
  /** The tunnel is going away. */
  refuse(error: ApiError): void
  /** Nobody waits for its answer any more: the connection is closed. */
  drop(): void
}

/**
 * Daemons in the order in which their polls came; at each turn the newest poll of that daemon, because an older one may
 * be on a connection that has died without a word.
 */
export function turnsOf(polls: ReadonlySet<Poll>): Iterable<Poll> {
  if (polls.size === 1) return polls
  const byClient = new Map<string, Poll[]>()
  for (const poll of polls) {
    if (poll.clientId === null) continue
    const own = byClient.get(poll.clientId)
    if (own === undefined) byClient.set(poll.clientId, [poll])
    else own.push(poll)
  }
  return Array.from(polls, (poll) => (poll.clientId === null ? poll : byClient.get(poll.clientId)!.pop()!))
}

/** Ends the waiting polls of a daemon that does not wait for them any more, as it says with its latest. */
export function dropOver(polls: Set<Poll>, clientId: string, receipt: PollReceipt): void {
  for (const poll of polls) {
    if (poll.clientId !== clientId || poll.receipt === null || !isOver(poll.receipt.number, receipt)) continue
    polls.delete(poll)
    poll.drop()
  }
}

/** The commands for `poll`, in the order in which it gets them; they are still in the line. */
export function selectFor(poll: Poll, queue: CommandQueue): Command[] {
  const chosen: Command[] = []
  let bytes = 0
  const fits = (command: Command): boolean => {
    if (chosen.length > 0) {
      if (bytes + command.bytes > ANSWER_BYTES) return false
      // One of them may be what the way does not let through: each shows by itself whether it is.
      if (command.losses >= LOSSES_TOGETHER || chosen[0]!.losses >= LOSSES_TOGETHER) return false
    }
    bytes += command.bytes
    chosen.push(command)
    return true
  }
  let early = 0
  // Urgent ones concern calls that run: nothing that waits has to come before them.
  for (let {first: at, urgent: left} = queue; at !== null && left > 0 && chosen.length < poll.limit; at = at.next) {
    if (!at.urgent) continue
    left--
    if (!accepts(poll, at) || !isReady(at)) continue
    if (!fits(at)) return chosen
    early++
  }
  if (poll.urgentOnly) return chosen
  for (let at = queue.first; at !== null && chosen.length < poll.limit; at = at.next) {
    if (!accepts(poll, at) || (early > 0 && at.urgent && chosen.includes(at))) continue
    if (!fits(at)) break
  }
  return chosen
}

/** True when this channel is among those that somebody asks for. */
export const serves = ({channels}: Pick<Poll, 'channels'>, channel: string): boolean =>
  channels === null || channels.has(channel)

function accepts(poll: Poll, command: Command): boolean {
  if (!serves(poll, command.channel)) return false
  const {type} = command
  if ((type === 'cancel' || type === 'session_stream') && !poll.features.has(type)) return false
  return command.onlyFor === null || command.onlyFor === poll.clientId
}

/** False for a cancellation whose own call waits in front of it: it must not overtake that one. */
function isReady(command: Command): boolean {
  const {cancelsId, channel, session} = command
  if (cancelsId === null) return true
  for (let before = command.previous; before !== null; before = before.previous) {
    const {rpcId} = before
    if (rpcId === null || before.channel !== channel || before.session !== session) continue
    if (sameId(rpcId, cancelsId)) return false
  }
  return true
}
