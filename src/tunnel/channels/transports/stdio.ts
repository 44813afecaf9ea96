// Stub of the contract; the transport follows.

import type {Channel} from '../channel.ts'
import type {ChannelBinding, ChannelContext} from '../context.ts'

export function createStdioChannel(
  _binding: Extract<ChannelBinding, {kind: 'stdio'}>,
  _context: ChannelContext,
): Channel {
  throw new Error('not implemented yet')
}
