// Front door of the wire room: pure data and byte work, no I/O.

export {BracketStack} from './bracket-stack.ts'
export {withoutByteOrderMark} from './byte-order-mark.ts'
export {normalizeChannel} from './channel-name.ts'
export {type WireFailure, wireFailure} from './failure-mapping.ts'
export {
  isArrayAt,
  isObjectAt,
  isStringAt,
  JsonScanError,
  memberOf,
  type Span,
  scanArray,
  scanObject,
  skipSpace,
  skipString,
  skipValue,
  soleValue,
  stringAt,
} from './json-scan.ts'
export type {
  AnsweredCommand,
  CancelCommand,
  CommandBase,
  CommandType,
  JsonRpcCommand,
  OAuthDiscoveryCommand,
  PollBody,
  PolledCommand,
  PollRest,
  RejectedCommand,
  SessionStreamCommand,
  SessionTerminationCommand,
} from './poll/command.ts'
export {decodePollBody} from './poll/poll-body.ts'
export {parseResponseTimeout} from './poll/response-timeout.ts'
export {reasonPhrase} from './reason-phrase.ts'
export {encodeResponse, type ResponseParts, type ResponseType} from './response/encode.ts'
export {
  canonicalHeader,
  headerBytes,
  headerOf,
  headerText,
  isHeaderName,
  responseHeaders,
  withHeader,
} from './response/headers.ts'
export {
  classData,
  type FailureErrorOptions,
  failureError,
  oauthError,
  rpcError,
  type UpstreamBody,
  unsupportedChannelOAuth,
  unsupportedChannelRpc,
} from './response/rpc-error.ts'
export {RpcInvalid, type RpcKind, type RpcMessage, readRpcMessage, sameId} from './rpc-message.ts'
export {cancelledRequest, metaMember, paramOf, resultMeta} from './rpc-params.ts'
export {encodeServerInfo, type ServerInfoChannel} from './server-info.ts'
export type {TunnelFailureKind, TunnelFailureSource} from './tunnel-failure.ts'
