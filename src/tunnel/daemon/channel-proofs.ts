// Turns what channels say of themselves into what readiness is judged from.

import {type Clock, deferred} from '../../foundation/platform/index.ts'
import type {Channel, ChannelEvidence} from '../channels/index.ts'
import type {ChannelFacts, ChannelProof} from '../ops/index.ts'

/** The proofs of all channels. */
export interface ChannelProofs {
  facts(): ChannelFacts[]
  proofOf(channel: Channel): ChannelProof
  /** True when commands for this channel are asked for. */
  polled(name: string): boolean
  /** True when readiness depends on this channel. */
  gates(name: string): boolean
  /** Milliseconds since the epoch of the last change of its state. */
  since(name: string): number
  /** Resolves with the reason when a channel has given up for good. */
  readonly gaveUp: Promise<string>
  stop(): void
}

/** What {@link watchChannels} needs. */
export interface ChannelProofsOptions {
  readonly channels: readonly Channel[]
  /** Config control_plane.poll_channels; null: every channel. */
  readonly pollChannels: readonly string[] | null
  /** Config mcp.startup_wait_timeout. */
  readonly startupWaitTimeout: number
  readonly clock: Clock
  /** Takes known secrets out of what a server said. */
  readonly scrub: (text: string) => string
}

interface Watched {
  /** When the first of the present time-outs in a row happened. */
  timeoutSince: number
  everAlive: boolean
  state: ChannelEvidence['state']
  /** Wall clock. */
  since: number
}

/** Watches the channels from now on. */
export function watchChannels(options: ChannelProofsOptions): ChannelProofs {
  const {channels, pollChannels} = options
  const watched = new Map<string, Watched>()
  const polled = (name: string): boolean => pollChannels === null || pollChannels.includes(name)
  const mainGates = polled('main') && channels.some((channel) => channel.name === 'main')
  const gates = (name: string): boolean => (mainGates ? name === 'main' : polled(name))
  const gaveUp = deferred<string>()
  const stops = channels.map((channel) => {
    const state: Watched = {timeoutSince: 0, everAlive: false, state: 'pending', since: options.clock.wall()}
    watched.set(channel.name, state)
    return channel.watch((event) => {
      if (event.type === 'gave_up') {
        gaveUp.resolve(event.message)
        return
      }
      note(state, event.evidence)
      if (state.state === event.evidence.state) return
      state.state = event.evidence.state
      state.since = options.clock.wall()
    })
  })
  const proofOf = (channel: Channel): ChannelProof => {
    const proof = heard(channel)
    return 'message' in proof ? {...proof, message: options.scrub(proof.message)} : proof
  }
  const heard = (channel: Channel): ChannelProof => {
    const {evidence} = channel.status()
    const state = watched.get(channel.name)
    if (evidence.state === 'timeout') {
      return {
        state: 'timeout',
        message: evidence.message,
        since: state?.timeoutSince || evidence.at,
        failures: evidence.failures,
        startup: state?.everAlive !== true,
        failure: channel.kind === 'stdio' ? 'child_silent' : 'timeout_http',
      }
    }
    if (evidence.state === 'failed') {
      const waitExhausted = options.startupWaitTimeout > 0 && state?.everAlive !== true
      return {state: 'failed', message: evidence.message, failure: evidence.failure, waitExhausted}
    }
    if (evidence.state === 'auth_required') return {state: 'auth_required', message: evidence.message}
    return {state: evidence.state}
  }
  return {
    facts: () =>
      channels
        .filter((channel) => polled(channel.name))
        .map((channel) => ({
          name: channel.name,
          gates: gates(channel.name),
          proof: proofOf(channel),
        })),
    proofOf,
    polled,
    gates,
    since: (name) => watched.get(name)?.since ?? 0,
    gaveUp: gaveUp.promise,
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}

function note(state: Watched, evidence: ChannelEvidence): void {
  if (evidence.state === 'timeout') {
    if (evidence.failures === 1 || state.timeoutSince === 0) state.timeoutSince = evidence.at
    return
  }
  state.timeoutSince = 0
  if (evidence.state === 'ok' || evidence.state === 'auth_required') state.everAlive = true
}
