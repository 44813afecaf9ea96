// What is said to a server beside the call itself: answers to what it asks, and that nobody waits any more. Nobody waits
// for what it says to that.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'
import type {CancelReason, ChannelCall} from '../channel.ts'
import {cancelNotice} from '../messages.ts'
import type {CookieScope} from './cookies/session-cookies.ts'
import {HeaderInvalid, type OwnHeader} from './request-headers.ts'
import type {HttpTarget, Purpose} from './target.ts'

/** No word of ours is worth a longer wait, in milliseconds. */
const PATIENCE_MS = 10_000
/** From this revision on a closed stream is a cancellation; before it, a lost connection meant nothing. */
const STATELESS_SINCE = '2026-07-28'

/** Where to say it. */
export interface AsideContext {
  readonly target: HttpTarget
  readonly purpose: Purpose
  /** Headers of the call that it is about. */
  readonly headers: RawHeaders
  /** The session that the call has opened, when its caller could not know it. */
  readonly session: readonly OwnHeader[]
  readonly cookies: CookieScope
}

/** Posts one message of ours. */
export function sayAside({target, purpose, headers, session, cookies}: AsideContext, body: Buffer): void {
  try {
    const request = {
      method: 'POST',
      path: target.path,
      headers: target.postHeaders(purpose, headers, session),
      body,
      cookies,
    }
    void target.head(request, target.clock.now() + PATIENCE_MS)
  } catch (thrown) {
    if (!(thrown instanceof HeaderInvalid)) throw thrown
  }
}

/** The session of a reply, as a header for what is said aside; none when the caller named one himself. */
export function sessionOf(opened: string | null, {headers}: ChannelCall): OwnHeader[] {
  if (opened === null || headerOf(headers, 'mcp-session-id') !== null) return []
  return [['Mcp-Session-Id', opened]]
}

/**
 * The words that cancel a call, or null where none may be said: the protocol forbids to cancel a handshake, and a stateless
 * server sees that its stream is closed.
 */
export function cancellation({message, headers}: ChannelCall, reason: CancelReason): Buffer | null {
  if (message.kind !== 'request' || message.method === 'initialize' || isStateless(headers)) return null
  return cancelNotice(message.id!, reason)
}

/** True when the caller speaks a revision without sessions. Revisions are dates, so their text is in order. */
const isStateless = (headers: RawHeaders): boolean =>
  (headerOf(headers, 'mcp-protocol-version') ?? '').trim() >= STATELESS_SINCE
