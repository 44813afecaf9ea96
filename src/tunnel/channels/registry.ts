// The transports. Add one: a file in transports/ and a line here.

import type {Channel} from './channel.ts'
import type {ChannelBinding, ChannelContext} from './context.ts'
import {createHttpChannel} from './transports/http.ts'
import {createMemoryChannel} from './transports/memory.ts'
import {createStdioChannel} from './transports/stdio.ts'

type Factories = {
  readonly [Kind in ChannelBinding['kind']]: (
    binding: Extract<ChannelBinding, {kind: Kind}>,
    context: ChannelContext,
  ) => Channel
}

/** Binding kind → factory. The kinds are those of the configuration, and `memory` for servers in this process. */
export const TRANSPORTS: Factories = {
  http: createHttpChannel,
  stdio: createStdioChannel,
  memory: createMemoryChannel,
}
