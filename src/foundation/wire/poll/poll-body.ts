// Decodes a poll answer by byte spans. An element is judged by itself: a bad one never costs its neighbours, and what came
// complete before a cut is used.

import {isUtf8} from 'node:buffer'
import {withoutByteOrderMark} from '../byte-order-mark.ts'
import {MAIN_CHANNEL, normalizeChannel} from '../channel-name.ts'
import {isObjectAt, isStringAt, JsonScanError, type Span, skipValue, stringAt, walkObject} from '../json-scan.ts'
import {canonicalHeader, headerBytes, headerOf, isHeaderName} from '../response/headers.ts'
import {RpcInvalid, readRpcMessage} from '../rpc-message.ts'
import type {CommandBase, PollBody, PolledCommand, RejectedCommand} from './command.ts'
import {CommandWalker} from './command-walker.ts'
import {parseResponseTimeout} from './response-timeout.ts'

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/
const DROPPED = 'control-plane command dropped:'

/** Commands that one slice holds, refusals that can be sent included: ten times what a poll asks for. */
const MAX_ADDRESSED = 256
/** Elements and members that one slice passes, whatever they are. */
const MAX_ELEMENTS = 20_000
/** Elements without an address that one slice keeps. The others are counted: there may be tens of millions. */
const MAX_NAMED = 100
/** A slice with this many bytes is complete, unless it holds fewer commands than a poll may ask for. */
const MAX_BYTES = 4 * 1024 * 1024
const MIN_ADDRESSED = 32
/** Members that an element may have: far more than any command has. */
const MAX_MEMBERS = 256
const MAX_HEADER_FIELDS = 1000
const MAX_HEADER_BYTES = 1024 * 1024

/**
 * Reads `{"commands":[…]}`. `receivedAt` is the monotonic instant of the answer's headers. Payloads that are small beside
 * the body are copied, so that they do not keep all of it in memory. What a slice cannot hold is left to
 * {@link PollBody.rest}: the caller decides when to read on.
 */
export function decodePollBody(body: Buffer, receivedAt: number): PollBody {
  const text = withoutByteOrderMark(body)
  return decodeSlice(new CommandWalker(text), new ElementReader(text, receivedAt, isUtf8(text)))
}

function decodeSlice(walker: CommandWalker, element: ElementReader): PollBody {
  const commands: PolledCommand[] = []
  const rejected: RejectedCommand[] = []
  const before = walker.bytesLeft
  let addressed = 0
  let dropped = 0
  walker.walk((at) => {
    const end = element.read(at)
    if (element.command !== null) commands.push(element.command)
    else if (element.rejected !== null) {
      if (element.rejected.address !== null || rejected.length < MAX_NAMED) rejected.push(element.rejected)
      else dropped += 1
    }
    if (element.command !== null || element.rejected?.address != null) addressed += 1
    const isLarge = addressed >= MIN_ADDRESSED && before - walker.bytesLeft > MAX_BYTES
    return {end, goOn: addressed < MAX_ADDRESSED && !isLarge}
  }, MAX_ELEMENTS)
  const rest = walker.isOver ? null : {next: () => decodeSlice(walker, element), bytes: walker.bytesLeft}
  return {commands, rejected, dropped, truncated: walker.truncated, rest}
}

const isNullAt = (buf: Buffer, at: number): boolean => buf[at] === 0x6e

/** A reason to reject, thrown and caught inside one element. No `Error`: its stack would cost more than all the rest. */
class Refusal {
  readonly warning: string
  readonly message: string

  constructor(warning: string, reason: string) {
    this.warning = warning
    this.message = reason
  }
}

type Members = Partial<
  Record<
    | 'request_id'
    | 'shard_token'
    | 'command_type'
    | 'channel'
    | 'created_at'
    | 'headers'
    | 'jsonrpc'
    | 'response_timeout'
    | 'server_requests'
    | 'answers'
    | 'cancels'
    | 'timed_out',
    Span
  >
>

const KNOWN = new Set<string>([
  'request_id',
  'shard_token',
  'command_type',
  'channel',
  'created_at',
  'headers',
  'jsonrpc',
  'response_timeout',
  'server_requests',
  'answers',
  'cancels',
  'timed_out',
])

/** Reads one element after the other; holds the result of the last. */
class ElementReader {
  command: PolledCommand | null = null
  rejected: RejectedCommand | null = null
  readonly #buf: Buffer
  readonly #receivedAt: number
  readonly #allUtf8: boolean
  #members: Members = {}

  constructor(buf: Buffer, receivedAt: number, allUtf8: boolean) {
    this.#buf = buf
    this.#receivedAt = receivedAt
    this.#allUtf8 = allUtf8
  }

  /** Returns the offset after the element. Throws JsonScanError only when the element does not end. */
  read(at: number): number {
    const buf = this.#buf
    const members: Members = {}
    this.#members = members
    this.command = null
    this.rejected = null
    let end: number
    let count = 0
    // Judged without an exception: there may be a hundred thousand of them.
    if (!isObjectAt(buf, at)) {
      end = skipValue(buf, at)
      this.#reject(new Refusal(`${DROPPED} invalid payload`, 'the command is not an object'))
      return end
    }
    try {
      end = walkObject(buf, at, (key, start) => {
        if (++count > MAX_MEMBERS) throw new JsonScanError(`more than ${MAX_MEMBERS} members`, start)
        const after = skipValue(buf, start)
        if (KNOWN.has(key)) members[key as keyof Members] = {start, end: after}
        return after
      })
    } catch (thrown) {
      if (!(thrown instanceof JsonScanError)) throw thrown
      end = skipValue(buf, at)
      this.#reject(new Refusal(`${DROPPED} invalid payload`, thrown.message))
      return end
    }
    try {
      if (!this.#allUtf8 && !isUtf8(buf.subarray(at, end))) {
        throw new Refusal(`${DROPPED} invalid payload`, 'the command is not UTF-8')
      }
      this.command = this.#decode()
    } catch (thrown) {
      if (thrown instanceof Refusal || thrown instanceof RpcInvalid || thrown instanceof JsonScanError) {
        this.#reject(thrown)
      } else throw thrown
    }
    return end
  }

  #decode(): PolledCommand {
    const type = this.#commandType()
    switch (type) {
      case 'jsonrpc': {
        // Written out, not spread: this is the hot path.
        const {requestId, shardToken, channel, createdAt, headers, receivedAt, deadline} = this.#base(type)
        const span = this.#members.jsonrpc
        if (!span || isNullAt(this.#buf, span.start)) throw invalid(type, 'missing jsonrpc')
        const message = readRpcMessage(this.#own(span))
        const serverRequests = this.#isTrue('server_requests')
        const answers = this.#text(type, 'answers')
        return {
          type,
          requestId,
          shardToken,
          channel,
          createdAt,
          headers,
          receivedAt,
          deadline,
          message,
          serverRequests,
          answers,
        }
      }
      case 'session_stream':
      case 'session_termination': {
        const base = this.#base(type)
        if (!headerOf(base.headers, 'mcp-session-id')) throw invalid(type, 'missing Mcp-Session-Id header')
        return {...base, type}
      }
      case 'oauth_discovery':
        return {...this.#base(type), type}
      case 'cancel':
        return {
          ...this.#unanswered(),
          type,
          cancels: this.#required(type, 'cancels'),
          timedOut: this.#isTrue('timed_out'),
        }
      default:
        throw new Refusal(`${DROPPED} unknown command_type`, 'unknown command_type')
    }
  }

  #commandType(): string {
    const span = this.#members.command_type
    if (!span || isNullAt(this.#buf, span.start)) throw missingType()
    if (!isStringAt(this.#buf, span.start)) {
      throw new Refusal(`${DROPPED} invalid payload`, 'command_type is not a string')
    }
    const type = stringAt(this.#buf, span)
    if (type === '') throw missingType()
    return type
  }

  #base(type: string): CommandBase {
    const channel = this.#text(type, 'channel')
    const normal = channel === null ? MAIN_CHANNEL : normalizeChannel(channel)
    if (normal === null) throw invalid(type, 'the channel name is not valid')
    const timeout = this.#timeout()
    return {
      requestId: this.#required(type, 'request_id'),
      shardToken: this.#required(type, 'shard_token'),
      channel: normal,
      createdAt: this.#createdAt(type),
      headers: this.#headers(type),
      receivedAt: this.#receivedAt,
      deadline: timeout === null ? null : this.#receivedAt + timeout,
    }
  }

  /** Of a command that is never answered: what would address an answer may be missing. */
  #unanswered(): CommandBase {
    return {
      requestId: this.#peek('request_id') ?? '',
      shardToken: this.#peek('shard_token') ?? '',
      channel: normalizeChannel(this.#peek('channel') ?? '') ?? MAIN_CHANNEL,
      createdAt: null,
      headers: [],
      receivedAt: this.#receivedAt,
      deadline: null,
    }
  }

  #isTrue(key: 'server_requests' | 'timed_out'): boolean {
    const span = this.#members[key]
    return span !== undefined && this.#buf[span.start] === 0x74
  }

  #text(
    type: string,
    key: 'request_id' | 'shard_token' | 'channel' | 'created_at' | 'answers' | 'cancels',
  ): string | null {
    const span = this.#members[key]
    if (!span || isNullAt(this.#buf, span.start)) return null
    if (!isStringAt(this.#buf, span.start)) throw invalid(type, `${key} is not a string`)
    return stringAt(this.#buf, span)
  }

  #required(type: string, key: 'request_id' | 'shard_token' | 'cancels'): string {
    const text = this.#text(type, key)
    if (!text) throw invalid(type, `missing ${key}`)
    if (key === 'shard_token' && headerBytes(text) === null)
      throw invalid(type, 'shard_token cannot be sent in a header')
    return text
  }

  #createdAt(type: string): number | null {
    const text = this.#text(type, 'created_at')
    if (text === null) return null
    const at = RFC3339.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(at)) throw invalid(type, 'created_at is not an RFC 3339 time')
    return at
  }

  #timeout(): number | null {
    const span = this.#members.response_timeout
    if (!span || !isStringAt(this.#buf, span.start)) return null
    return parseResponseTimeout(stringAt(this.#buf, span))
  }

  #headers(type: string): string[] {
    const span = this.#members.headers
    if (!span || isNullAt(this.#buf, span.start)) return []
    if (!isObjectAt(this.#buf, span.start)) throw invalid(type, 'headers is not an object')
    if (span.end - span.start > MAX_HEADER_BYTES) throw invalid(type, 'headers is larger than 1 MiB')
    const flat: string[] = []
    let parsed: Record<string, unknown>
    try {
      parsed = JSON.parse(this.#buf.toString('utf8', span.start, span.end)) as Record<string, unknown>
    } catch {
      throw invalid(type, 'headers is not JSON')
    }
    for (const [name, values] of Object.entries(parsed)) {
      if (values === null) continue
      if (!Array.isArray(values)) throw invalid(type, 'a header is not a list of strings')
      if (!isHeaderName(name)) throw invalid(type, 'a header name is not valid')
      const canonical = canonicalHeader(name)
      for (const value of values) {
        if (typeof value !== 'string') throw invalid(type, 'a header is not a list of strings')
        if (headerBytes(value) === null) throw invalid(type, `the value of header ${canonical} is not valid`)
        flat.push(canonical, value)
        if (flat.length > 2 * MAX_HEADER_FIELDS) {
          throw invalid(type, `headers holds more than ${MAX_HEADER_FIELDS} fields`)
        }
      }
    }
    return flat
  }

  /** The bytes of a span: a view when they are most of the body, else a copy. */
  #own(span: Span): Buffer {
    const view = this.#buf.subarray(span.start, span.end)
    return view.length * 2 < this.#buf.length ? Buffer.from(view) : view
  }

  #reject(why: Refusal | RpcInvalid | JsonScanError): void {
    const commandType = this.#peek('command_type')
    const requestId = this.#peek('request_id')
    const shardToken = this.#peek('shard_token')
    const kind = commandType === 'session_termination' || commandType === 'oauth_discovery' ? commandType : 'jsonrpc'
    this.rejected = {
      address: requestId && shardToken && headerBytes(shardToken) !== null ? {requestId, shardToken} : null,
      channel: normalizeChannel(this.#peek('channel') ?? '') ?? MAIN_CHANNEL,
      commandType,
      rpcId: why instanceof RpcInvalid ? why.id : this.#peekRpcId(),
      rpcCode: why instanceof RpcInvalid ? why.code : -32600,
      warning: why instanceof Refusal ? why.warning : `${DROPPED} invalid ${kind} payload`,
      reason: why.message,
    }
  }

  #peek(key: keyof Members): string | null {
    const span = this.#members[key]
    if (!span || !isStringAt(this.#buf, span.start)) return null
    try {
      return stringAt(this.#buf, span)
    } catch {
      return null
    }
  }

  #peekRpcId(): string | null {
    const span = this.#members.jsonrpc
    if (!span) return null
    try {
      return readRpcMessage(this.#buf.subarray(span.start, span.end)).id
    } catch (thrown) {
      return thrown instanceof RpcInvalid ? thrown.id : null
    }
  }
}

const invalid = (type: string, reason: string): Refusal => new Refusal(`${DROPPED} invalid ${type} payload`, reason)

const missingType = (): Refusal => new Refusal(`${DROPPED} missing command_type`, 'missing command_type')
