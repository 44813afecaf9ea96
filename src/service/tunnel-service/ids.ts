// Names that the service gives out: unguessable where somebody could profit from guessing.

import {randomBytes, timingSafeEqual} from 'node:crypto'
import {Secret} from '../../foundation/platform/index.ts'

/** A random tunnel id. */
export const newTunnelId = (): string => `tunnel_${randomBytes(16).toString('hex')}`

/** A random key. */
export const newKey = (kind: 'runtime' | 'admin' | 'ingress'): Secret =>
  new Secret(`sk-tunnel-${kind}-${randomBytes(24).toString('base64url')}`)

/** Gives ids to commands and answers. */
export interface IdSource {
  /** Names this run; the same in all its request ids. */
  readonly run: string
  /** Unique in this run and unlike any of another run, so that an answer cannot reach the wrong call after a restart. */
  requestId(): string
  /** 96 random bits. */
  shardToken(): string
}

/** A fresh source. Random bytes are drawn in blocks, because drawing them per call shows in the profile. */
export function createIdSource(): IdSource {
  const run = randomBytes(6).toString('hex')
  const width = 12
  let block = Buffer.alloc(0)
  let at = 0
  let count = 0
  return {
    run,
    requestId: () => `req_${run}${(++count).toString(36).padStart(6, '0')}`,
    shardToken: () => {
      if (at >= block.length) {
        block = randomBytes(width * 256)
        at = 0
      }
      at += width
      return `shard_${block.toString('hex', at - width, at)}`
    },
  }
}

/** In constant time. All shard tokens have the same length, so a different one tells nothing. */
export function isSameToken(given: string | undefined, expected: string): boolean {
  if (given?.length !== expected.length) return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
