// Looks at one JSON-RPC 2.0 message just enough to route it: its kind, its id token, its method. The bytes stay.

import {isObjectAt, isStringAt, JsonScanError, type Span, scanObject, stringAt} from './json-scan.ts'

/** What a message is to the relay. */
export type RpcKind = 'request' | 'notification' | 'response'

/** A JSON-RPC message as bytes, with the spans that matter. */
export interface RpcMessage {
  /** Exactly the bytes of the message; spans below are offsets into it. */
  readonly raw: Buffer
  readonly kind: RpcKind
  /** The id token as it was written (a string keeps its quotes), null when there is none. */
  readonly id: string | null
  readonly idSpan: Span | null
  /** Null for responses. */
  readonly method: string | null
  readonly params: Span | null
  /** Response with an `error` member. */
  readonly isError: boolean
}

/** Why bytes are no usable JSON-RPC message. `code` is the JSON-RPC error code to answer with. */
export class RpcInvalid extends Error {
  override readonly name = 'RpcInvalid'
  readonly code: -32700 | -32600
  /** The id token, when one could be read, so that the refusal can be addressed. */
  readonly id: string | null

  constructor(code: -32700 | -32600, message: string, id: string | null = null) {
    super(message)
    this.code = code
    this.id = id
  }
}

/** Members at the top level. To read millions of them, all unknown, would hold the event loop for seconds. */
const MAX_MEMBERS = 10_000

/**
 * Reads the envelope of one message. `raw` must be exactly the value. An id of `null` makes a request a notification
 * (the reference does so too). Throws {@link RpcInvalid}.
 */
export function readRpcMessage(raw: Buffer): RpcMessage {
  let id: string | null = null
  let idSpan: Span | null = null
  let method: string | null = null
  let params: Span | null = null
  let isVersion2 = false
  let ids = 0
  let methods = 0
  let hasResult = false
  let hasError = false
  let members = 0
  let end = 0
  if (!isObjectAt(raw, 0)) throw new RpcInvalid(-32600, 'a JSON-RPC message is an object')
  try {
    end = scanObject(raw, 0, (key, value) => {
      if (++members > MAX_MEMBERS) throw new RpcInvalid(-32600, `more than ${MAX_MEMBERS} members`, usableId(id))
      switch (key) {
        case 'jsonrpc':
          isVersion2 = isStringAt(raw, value.start) && stringAt(raw, value) === '2.0'
          break
        case 'id':
          ids++
          idSpan = value
          id = raw.toString('utf8', value.start, value.end)
          break
        case 'method':
          methods++
          if (!isStringAt(raw, value.start)) throw new RpcInvalid(-32600, 'method is not a string', usableId(id))
          method = stringAt(raw, value)
          break
        case 'params':
          params = value
          break
        case 'result':
          hasResult = true
          break
        case 'error':
          hasError = true
          break
      }
    })
  } catch (thrown) {
    if (thrown instanceof JsonScanError) throw new RpcInvalid(-32700, thrown.message)
    throw thrown
  }
  if (end !== raw.length) throw new RpcInvalid(-32700, `bytes after the message at byte ${end}`)
  if (!isVersion2) throw new RpcInvalid(-32600, 'jsonrpc is not "2.0"', usableId(id))
  if (ids > 1 || methods > 1) throw new RpcInvalid(-32600, 'id or method appears twice')
  if (id !== null && id !== 'null' && !isIdToken(id))
    throw new RpcInvalid(-32600, 'id is neither a string nor a number')
  const usable = usableId(id)
  const span = usable === null ? null : idSpan
  if (method !== null) {
    if (method === '') throw new RpcInvalid(-32600, 'method is empty', usable)
    return {
      raw,
      kind: usable === null ? 'notification' : 'request',
      id: usable,
      idSpan: span,
      method,
      params,
      isError: false,
    }
  }
  if (!hasResult && !hasError) throw new RpcInvalid(-32600, 'neither a method nor a result nor an error', usable)
  return {raw, kind: 'response', id: usable, idSpan: span, method: null, params: null, isError: hasError}
}

/**
 * True for the token of a string or of a number: what a request id can be. A scanned token may still have bad escapes, and
 * far inside control characters.
 */
export function isIdToken(token: string): boolean {
  if (token[0] !== '"') return /^-?\d/.test(token)
  if (isPlain(token)) return true
  try {
    JSON.parse(token)
    return true
  } catch {
    return false
  }
}

function isPlain(token: string): boolean {
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i)
    if (code < 0x20 || code === 0x5c) return false
  }
  return true
}

const usableId = (token: string | null): string | null => (token !== null && isIdToken(token) ? token : null)

/** True when two id tokens are the same id: the type counts (`"1"` is not `1`), the spelling does not (`1.0` is `1`). */
export function sameId(a: string, b: string): boolean {
  if (a === b) return true
  const aIsString = a[0] === '"'
  if (aIsString !== (b[0] === '"')) return false
  if (aIsString) return a.includes('\\') || b.includes('\\') ? JSON.parse(a) === JSON.parse(b) : false
  return /[.eE]/.test(a + b) ? Number(a) === Number(b) : false
}
