// From the bytes that a caller posted to one JSON-RPC message that may go into a tunnel, or to the refusal it deserves.

import {isUtf8} from 'node:buffer'
import {
  memberOf,
  RpcInvalid,
  type RpcMessage,
  readRpcMessage,
  skipSpace,
  withoutByteOrderMark,
} from '../../../foundation/wire/index.ts'
import {jsonErrorAt} from './strict-json.ts'

/** Reads one message. Throws {@link RpcInvalid}. The message is a view of `posted` without byte order mark and white space around it. */
export function readCallerMessage(posted: Buffer): RpcMessage {
  const body = withoutByteOrderMark(posted)
  if (body.length === 0) throw new RpcInvalid(-32700, 'jsonrpc request body is required')
  if (!isUtf8(body)) throw new RpcInvalid(-32700, 'the body is not UTF-8')
  const error = jsonErrorAt(body)
  if (error >= 0) {
    throw new RpcInvalid(-32700, error >= body.length ? 'the JSON text ends too early' : `no JSON at byte ${error}`)
  }
  const start = skipSpace(body, 0)
  let end = body.length
  while (isSpace(body[end - 1])) end--
  if (body[start] === 0x5b) throw new RpcInvalid(-32600, 'batches are not supported; send one message')
  const message = readRpcMessage(body.subarray(start, end))
  // MCP knows no null id, and nothing would answer it: the wire takes it for a notification.
  if (message.kind === 'notification' && memberOf(message.raw, {start: 0, end: message.raw.length}, 'id') !== null) {
    throw new RpcInvalid(-32600, 'id is null')
  }
  return message
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
