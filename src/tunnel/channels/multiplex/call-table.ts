// Who waits for what on a shared pipe: internal ids on one side, callers with their own tokens on the other.

import {randomInt} from 'node:crypto'
import {InFlight} from '../../../foundation/platform/index.ts'
import {paramOf, type RpcMessage, sameId} from '../../../foundation/wire/index.ts'
import type {ChannelSink} from '../channel.ts'
import {progressTokenOf} from './rewrite.ts'

/** One request that the server owes an answer, or will when it is written. */
export interface OpenCall {
  readonly internal: number
  readonly message: RpcMessage
  /** Session of the caller; empty when he has none. Callers without a session cannot be told apart. */
  readonly caller: string
  readonly sink: ChannelSink
  /** The caller's own progress token, as bytes. */
  readonly progressToken: Buffer | null
  /** A request of ours: a ping, a replay. */
  readonly own: boolean
  /** What the server asks its client can be carried to the caller. */
  readonly canBeAsked: boolean
  written: boolean
  /** Its place among everything that was written; 0: it was not. */
  place: number
  /** The server has been told that nobody wants the answer. */
  cancelled: boolean
}

/** What a finished call left behind: the token under which its task goes on reporting. */
interface TaskTrace {
  readonly caller: string
  readonly progressToken: Buffer
  readonly until: number
}

/** A new call. */
export interface NewCall {
  readonly message: RpcMessage
  readonly caller: string
  readonly sink: ChannelSink
  readonly own?: boolean
  readonly canBeAsked?: boolean
}

const RETIRED_MS = 60_000
/** Also a server that keeps ids in 32 bits has room for a thousand million calls. */
const FIRST_IDS = [2 ** 20, 2 ** 30] as const

/**
 * All open calls of one channel. Internal ids are never used twice, over restarts of the child too. Nobody can tell where
 * they begin: a caller whose message a server reads in another way than we do cannot name the call of another one.
 */
export class CallTable {
  #next = randomInt(...FIRST_IDS)
  readonly #open = new InFlight<number, OpenCall>()
  readonly #tasks = new Map<number, TaskTrace>()
  /** Calls given up while the server may still work on them. */
  readonly #retired = new Map<number, {caller: string; until: number}>()
  readonly #taskTtl: number

  /** `taskTtl`: how long the progress token of a finished task call is remembered, in milliseconds. */
  constructor(taskTtl: number) {
    this.#taskTtl = taskTtl
  }

  open({message, caller, sink, own = false, canBeAsked = false}: NewCall): OpenCall {
    const internal = this.#next++
    const progressToken = progressTokenOf(message)
    const call: OpenCall = {
      internal,
      message,
      caller,
      sink,
      progressToken,
      own,
      canBeAsked,
      written: false,
      place: 0,
      cancelled: false,
    }
    this.#open.add(internal, call)
    return call
  }

  get(internal: number): OpenCall | undefined {
    return this.#open.get(internal)
  }

  /** The call is over. False when it was over before. */
  close(call: OpenCall, now: number): boolean {
    if (!this.#open.delete(call.internal)) return false
    if (call.progressToken !== null && paramOf(call.message, 'task') !== null) {
      prune(this.#tasks, now)
      this.#tasks.set(call.internal, {
        caller: call.caller,
        progressToken: call.progressToken,
        until: now + this.#taskTtl,
      })
    }
    return true
  }

  /** The call was given up after it had been written. */
  retire({internal, caller}: OpenCall, now: number): void {
    prune(this.#retired, now)
    this.#retired.set(internal, {caller, until: now + RETIRED_MS})
  }

  /** A late answer came: the server is done with it. */
  forget(internal: number): void {
    this.#retired.delete(internal)
  }

  /** Calls of a caller with this id token. */
  named(caller: string, token: string): OpenCall[] {
    return [...this.#open].filter((call) => !call.own && call.caller === caller && sameId(call.message.id!, token))
  }

  /** Calls of others that the server has received and not answered. */
  working(): OpenCall[] {
    return [...this.#open].filter((call) => call.written && !call.own)
  }

  /** Pings of ours that the server has not answered. */
  pings(): OpenCall[] {
    return [...this.#open].filter((call) => call.own && call.message.method === 'ping')
  }

  /**
   * Those of them that stand before every call that somebody waits for. A server takes what it is sent in order: it is at
   * work on none of these calls before it has come past the pings. A subscription is no work.
   */
  pingsAhead(): OpenCall[] {
    const work = this.working().filter(({message}) => message.method !== 'subscriptions/listen')
    return work.length === 0
      ? this.pings()
      : this.pings().filter((ping) => ping.written && work.every(({place}) => ping.place < place))
  }

  /**
   * Whom an error without an id (a server that could not read our line) is about: the one call that it can be about, or
   * nobody when another one, or a question of ours, could be meant.
   */
  meantBy(message: RpcMessage, now: number): OpenCall | undefined {
    if (!message.isError || message.id !== null) return undefined
    prune(this.#retired, now)
    const owed = [...this.#open].filter(({written}) => written)
    return owed.length === 1 && this.#retired.size === 0 && !owed[0]!.own ? owed[0] : undefined
  }

  /** The server owes somebody an answer, subscriptions apart. */
  get busy(): boolean {
    for (const {written, own, message} of this.#open) {
      if (written && !own && message.method !== 'subscriptions/listen') return true
    }
    return false
  }

  /** True when calls of somebody else than `caller` were given up and may still make the server talk. */
  hasRetiredOfOthers(caller: string, now: number): boolean {
    prune(this.#retired, now)
    for (const retired of this.#retired.values()) if (retired.caller !== caller) return true
    return false
  }

  /** The running call that wants to hear of a task whose own call is over. */
  taskListener(internal: number, now: number): {call: OpenCall; progressToken: Buffer} | null {
    prune(this.#tasks, now)
    const trace = this.#tasks.get(internal)
    if (trace === undefined) return null
    const call = this.working().find(
      ({caller, message}) => caller === trace.caller && message.method!.startsWith('tasks/'),
    )
    return call === undefined ? null : {call, progressToken: trace.progressToken}
  }

  all(): OpenCall[] {
    return [...this.#open]
  }

  /** The server is another one now: nothing of the old will come any more. */
  newServer(): void {
    this.#tasks.clear()
    this.#retired.clear()
  }

  get size(): number {
    return this.#open.size
  }
}

function prune(map: Map<number, {until: number}>, now: number): void {
  // Entries are in order of insertion and live equally long.
  for (const [key, {until}] of map) {
    if (until > now) return
    map.delete(key)
  }
}
