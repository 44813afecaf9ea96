// Front door of the wire room: pure data and byte work, no I/O.

export type {
  CommandBase,
  CommandType,
  JsonRpcCommand,
  OAuthDiscoveryCommand,
  PollBody,
  PolledCommand,
  RejectedCommand,
  SessionTerminationCommand,
} from './command.ts'
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
export {encodeResponse, type ResponseParts, type ResponseType} from './response.ts'
export {
  canonicalHeader,
  headerOf,
  isHeaderName,
  isHeaderValue,
  responseHeaders,
  withHeader,
} from './response-headers.ts'
export {metaMember, RpcInvalid, type RpcKind, type RpcMessage, readRpcMessage, sameId} from './rpc-message.ts'
export type {TunnelFailureKind, TunnelFailureSource} from './tunnel-failure.ts'
