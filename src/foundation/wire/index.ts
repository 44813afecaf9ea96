// Front door of the wire room: pure data and byte work, no I/O.

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
export {metaMember, RpcInvalid, type RpcKind, type RpcMessage, readRpcMessage, sameId} from './rpc-message.ts'
export type {TunnelFailureKind, TunnelFailureSource} from './tunnel-failure.ts'
