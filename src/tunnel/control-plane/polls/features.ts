// What this service can do beyond the reference's, as its poll answers say it. A service that says nothing is spoken to exactly
// as the reference speaks.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'

/**
 * `cancel`: it sends commands that end a call; `urgent`: it takes polls for what concerns running calls only; `session_stream`:
 * it has callers that listen to what a server says outside of calls.
 */
export type ServiceFeature = 'cancel' | 'urgent' | 'session_stream'

/** What we can do as well, once the service has said it. */
const OURS: readonly ServiceFeature[] = ['cancel', 'session_stream']
const NOTHING: readonly string[] = []

/** What one service can do. */
export interface ServiceFeatures {
  has(feature: ServiceFeature): boolean
  /** Reads an answer to a poll: the latest one counts, services are exchanged behind their names. */
  heard(headers: RawHeaders): void
  /** Headers that polls carry because of it. */
  pollHeaders(): readonly string[]
}

/** Nothing is known yet. */
export function createServiceFeatures(): ServiceFeatures {
  let said = ''
  let words: ReadonlySet<string> = new Set()
  let answer = NOTHING
  return {
    has: (feature) => words.has(feature),
    heard(headers) {
      const now = headerOf(headers, 'x-tunnel-service-features') ?? ''
      if (now === said) return
      said = now
      words = new Set(now.split(',').map((word) => word.trim().toLowerCase()))
      const shared = OURS.filter((word) => words.has(word))
      answer = shared.length === 0 ? NOTHING : ['X-Tunnel-Client-Features', shared.join(', ')]
    },
    pollHeaders: () => answer,
  }
}
