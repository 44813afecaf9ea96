// Requests that servers have put to their callers. A caller sees an id of ours that nobody can guess, because servers number
// their requests alike and one caller's answer must not reach another's server; the server gets its own id back, as bytes.

import {randomBytes} from 'node:crypto'
import {
  cancelledRequest,
  RpcInvalid,
  type RpcMessage,
  readRpcMessage,
  type Span,
  sameId,
} from '../../../foundation/wire/index.ts'
import {ApiError} from '../api-error.ts'
import type {Command} from './command.ts'

/** More than a server can sensibly ask during one call. */
const MAX_OPEN = 256

/** One request of a server. */
export interface Ask {
  /** `srv_` and 128 random bits in hex: the id that the caller sees. */
  readonly id: string
  /** The server's own id, as it wrote it. */
  readonly token: string
  /** The call during which it was asked. */
  readonly command: Command
  /** Instance id of the daemon that took the call. */
  readonly holder: string
  state: 'open' | 'answered' | 'withdrawn'
}

/** Who answers, and what. */
export interface Answering {
  /** The id token of the caller's response. */
  readonly token: string
  readonly channel: string
  /** `Mcp-Session-Id` of the caller's request. */
  readonly session: string | null
}

/** A notification of a daemon on its way to a caller: `json` as it has to be shown. */
export type Carried = {readonly json: Buffer; readonly ask: Ask | null} | 'repeated'

/** All requests of servers that wait for their callers in one tunnel. */
export class Asks {
  readonly #asks = new Map<string, Ask>()

  /** Known requests, answered ones of running calls included. */
  get size(): number {
    return this.#asks.size
  }

  /**
   * What the caller sees of a message that a server sent during `command`; `repeated` when the caller has it already (the
   * daemon lost our acknowledgement). Throws {@link ApiError} 400 for a request that this caller cannot be asked.
   */
  carry(command: Command, json: Buffer): Carried {
    const message = readable(json)
    if (message?.kind === 'request') return this.#open(command, message)
    if (message?.method === 'notifications/cancelled') return {json: this.#withdraw(command, message), ask: null}
    return {json, ask: null}
  }

  /** The open or withdrawn request that this is the answer to; null: nobody asked, or not this caller, or it is answered. */
  find({token, channel, session}: Answering): Ask | null {
    if (token[0] !== '"') return null
    const ask = this.#asks.get(JSON.parse(token) as string)
    if (ask === undefined || ask.state === 'answered') return null
    if (ask.command.channel !== channel) return null
    // A session that began with the call itself was not known when it was made.
    if (ask.command.session !== null && ask.command.session !== session) return null
    return ask
  }

  /** Takes the answer: there is no second one. */
  answered(ask: Ask): void {
    if (ask.state !== 'open') return
    ask.state = 'answered'
    closed(ask.command)
  }

  /** The caller never saw it. */
  undo(ask: Ask): void {
    this.#asks.delete(ask.id)
    ask.command.asks?.delete(ask)
    if (ask.state === 'open') closed(ask.command)
  }

  /** The call is over, and nobody may answer any more. */
  forget(command: Command): void {
    if (command.asks === null) return
    for (const {id} of command.asks) this.#asks.delete(id)
    command.asks = null
  }

  #open(command: Command, message: RpcMessage): Carried {
    const token = message.id!
    const {holder} = command
    if (!command.mayBeAsked || holder === null) throw refuse('the caller of this request cannot be asked')
    command.asks ??= new Set()
    let open = 0
    for (const ask of command.asks) {
      if (ask.state !== 'open') continue
      if (ask.token === token) return 'repeated'
      open++
    }
    if (open >= MAX_OPEN) throw refuse(`${MAX_OPEN} requests of this server are open already`)
    const ask: Ask = {id: `srv_${randomBytes(16).toString('hex')}`, token, command, holder, state: 'open'}
    this.#asks.set(ask.id, ask)
    command.asks.add(ask)
    if (open === 0) command.clock?.pause()
    return {json: replaced(message.raw, message.idSpan!, `"${ask.id}"`), ask}
  }

  #withdraw(command: Command, message: RpcMessage): Buffer {
    const {raw} = message
    const {asks} = command
    const named = asks === null ? null : cancelledRequest(message)
    if (asks === null || named === null) return raw
    const {span, token} = named
    for (const ask of asks) {
      if (ask.state !== 'open' || !sameId(ask.token, token)) continue
      ask.state = 'withdrawn'
      closed(command)
      return replaced(raw, span, `"${ask.id}"`)
    }
    return raw
  }
}

/** The response as the server wants it: with its own id. */
export const restored = (message: RpcMessage, ask: Ask): Buffer => replaced(message.raw, message.idSpan!, ask.token)

/** True while a server waits for the answer of this command's caller. */
export function isAsking({asks}: Command): boolean {
  if (asks !== null) for (const {state} of asks) if (state === 'open') return true
  return false
}

function closed(command: Command): void {
  if (!isAsking(command)) command.clock?.resume()
}

/** Null for what is no JSON-RPC message: callers get it as it is. */
function readable(json: Buffer): RpcMessage | null {
  try {
    return readRpcMessage(json)
  } catch (thrown) {
    if (thrown instanceof RpcInvalid) return null
    throw thrown
  }
}

const replaced = (raw: Buffer, {start, end}: Span, token: string): Buffer =>
  Buffer.concat([raw.subarray(0, start), Buffer.from(token), raw.subarray(end)])

const refuse = (message: string): ApiError => new ApiError('server_request_not_possible', message, {param: 'resp_json'})
