// Stub of the contract; the transport follows.

import type {Channel} from '../channel.ts'
import type {ChannelBinding, ChannelContext} from '../context.ts'

export function createHttpChannel(
  _binding: Extract<ChannelBinding, {kind: 'http'}>,
  _context: ChannelContext,
): Channel {
  throw new Error('not implemented yet')
}
