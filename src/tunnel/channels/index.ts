// Front door of the channels room: whatever speaks to MCP servers, behind one contract.

export type {
  CancelReason,
  Channel,
  ChannelCall,
  ChannelEvent,
  ChannelEvidence,
  ChannelFailure,
  ChannelHandle,
  ChannelListen,
  ChannelSink,
  ChannelStatus,
  ChildStatus,
  RefusalCode,
  ServerIdentity,
  ServerRequest,
  TransportKind,
  UpstreamHead,
} from './channel.ts'
export type {ChannelBinding, ClientIdentity, MemoryBinding, ServerTransport} from './context.ts'
export {type ChannelsOptions, createChannels} from './create-channels.ts'
export type {IntroductionReceipt, ProtocolReceipt, ToolsListReceipt} from './receipt/protocol-receipt.ts'
