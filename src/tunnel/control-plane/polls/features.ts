// What this service can do beyond the reference's, as its poll answers say it. A service that says nothing is spoken to exactly
// as the reference speaks.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'

/**
 * `cancel`: it sends commands that end a call; `urgent`: it takes polls for what concerns running calls only; `session_stream`:
 * it has callers that listen to what a server says outside of calls; `poll_receipts`: it gives again what was lost with a poll;
 * `stream_head`: it takes a notification without a message as the head of such a listener's stream.
 */
export type ServiceFeature = 'cancel' | 'urgent' | 'session_stream' | 'poll_receipts' | 'stream_head'

/** What we can do as well, once the service has said it. */
const OURS: readonly ServiceFeature[] = ['cancel', 'session_stream', 'poll_receipts']
const NOTHING: readonly string[] = []

/** What one service can do. */
export interface ServiceFeatures {
  has(feature: ServiceFeature): boolean
  /**
   * Reads an answer to a poll: the latest one counts, services are exchanged behind their names. What is no answer of a
   * service (`isAnswer` false) may come from anybody: it counts only if it says something. True when it did.
   */
  heard(headers: RawHeaders, isAnswer: boolean): boolean
  /** Headers that polls carry because of it; `receipt`: value of the one that numbers them. */
  pollHeaders(receipt?: string): readonly string[]
}

/** Nothing is known yet. */
export function createServiceFeatures(): ServiceFeatures {
  let said = ''
  let words: ReadonlySet<string> = new Set()
  let answer = NOTHING
  return {
    has: (feature) => words.has(feature),
    heard(headers, isAnswer) {
      const now = headerOf(headers, 'x-tunnel-service-features') ?? ''
      if (now === said || (now === '' && !isAnswer)) return now !== ''
      said = now
      words = new Set(now.split(',').map((word) => word.trim().toLowerCase()))
      const shared = OURS.filter((word) => words.has(word))
      answer = shared.length === 0 ? NOTHING : ['X-Tunnel-Client-Features', shared.join(', ')]
      return now !== ''
    },
    pollHeaders: (receipt) => (receipt === undefined ? answer : [...answer, 'X-Tunnel-Poll', receipt]),
  }
}
