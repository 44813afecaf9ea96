// Makes the channels of a daemon from its bindings: defaults are filled in here, nowhere else.

import type {Channel} from './channel.ts'
import type {ChannelBinding, ChannelContext} from './context.ts'
import {TRANSPORTS} from './registry.ts'
import {markedStderr} from './stdio/marked-stderr.ts'
import {ownStderr} from './stdio/stderr-tail.ts'

/** {@link ChannelContext} with everything optional that has a sensible default, and the bindings. */
export interface ChannelsOptions
  extends Pick<ChannelContext, 'door' | 'log' | 'clock' | 'identity'>,
    Partial<Omit<ChannelContext, 'door' | 'log' | 'clock' | 'identity'>> {
  /** In configuration order. Channel names are unique. */
  readonly bindings: readonly ChannelBinding[]
}

const DEFAULT_TTL_MS = 600_000

/** Builds one channel per binding, in their order. Nothing is opened before `start()`. */
export function createChannels(options: ChannelsOptions): Channel[] {
  const {bindings, stderr, ...given} = options
  const context: Omit<ChannelContext, 'stderr'> = {
    extraHeaders: [],
    discoveryExtraHeaders: [],
    extraCa: [],
    startupWaitTimeout: 0,
    connectionMaxTtl: DEFAULT_TTL_MS,
    secretVariables: [],
    env: process.env,
    originOf: () => undefined,
    announce: Promise.resolve(),
    advise: () => ({}),
    ...given,
  }
  const own = ownStderr()
  return bindings.map((binding) => make(binding, {...context, stderr: stderr ?? markedStderr(own, binding.channel)}))
}

const make = <B extends ChannelBinding>(binding: B, context: ChannelContext): Channel =>
  (TRANSPORTS[binding.kind] as (binding: B, context: ChannelContext) => Channel)(binding, context)
