// What one poll answer holds, as values: commands that can be run, and those that cannot, with what is needed to answer them.

import type {RpcMessage} from '../rpc-message.ts'

/** Command types that this client knows, as the control plane spells them. */
export type CommandType = 'jsonrpc' | 'session_termination' | 'session_stream' | 'oauth_discovery' | 'cancel'

/** What every command has. */
export interface CommandBase {
  readonly requestId: string
  /** Echoed in a header of the answer, never in its body, never logged. */
  readonly shardToken: string
  /** Normalised: trimmed, lower case, `main` when the command names none. */
  readonly channel: string
  /** Milliseconds since the epoch; null when the command does not say. */
  readonly createdAt: number | null
  /** Name, value, name, value …; names in Go's canonical spelling, repeated ones repeat. */
  readonly headers: readonly string[]
  /** Monotonic milliseconds of `receivedAt`. */
  readonly receivedAt: number
  /** `receivedAt` plus `response_timeout`; null: none. */
  readonly deadline: number | null
}

/** One JSON-RPC message for an MCP server. */
export interface JsonRpcCommand extends CommandBase {
  readonly type: 'jsonrpc'
  readonly message: RpcMessage
  /** The caller can answer requests of the server while this call runs. */
  readonly serverRequests: boolean
  /** The request id of the call whose server asked what this message answers; null: it answers nothing. */
  readonly answers: string | null
}

/** The connector ended its MCP session; the `Mcp-Session-Id` header is there. */
export interface SessionTerminationCommand extends CommandBase {
  readonly type: 'session_termination'
}

/** The connector listens to what the server says outside of calls; the `Mcp-Session-Id` header is there. */
export interface SessionStreamCommand extends CommandBase {
  readonly type: 'session_stream'
}

/** The connector asks for OAuth metadata. */
export interface OAuthDiscoveryCommand extends CommandBase {
  readonly type: 'oauth_discovery'
}

/** The caller of another command is gone. Nobody waits for an answer to this: its own ids may be empty. */
export interface CancelCommand extends CommandBase {
  readonly type: 'cancel'
  /** The request id of that command. */
  readonly cancels: string
  /** The caller did not leave: his time is over. */
  readonly timedOut: boolean
}

/** A command that gets a terminal answer. */
export type AnsweredCommand = JsonRpcCommand | SessionTerminationCommand | SessionStreamCommand | OAuthDiscoveryCommand

/** A command that can be run. */
export type PolledCommand = AnsweredCommand | CancelCommand

/** An element of a poll answer that cannot be run. */
export interface RejectedCommand {
  /** Where a refusal can be sent; null when the element is too broken to be answered. */
  readonly address: {readonly requestId: string; readonly shardToken: string} | null
  /** Best knowledge, else `main`. */
  readonly channel: string
  /** As written, when it is a string. */
  readonly commandType: string | null
  /** The id token of its JSON-RPC message, when one could be read. */
  readonly rpcId: string | null
  /** JSON-RPC code of the refusal. */
  readonly rpcCode: -32700 | -32600
  /** The reference's log message, byte for byte. */
  readonly warning: string
  /** One sentence without payload. */
  readonly reason: string
}

/** What follows the commands that were decoded. */
export interface PollRest {
  /** Bytes that were not decoded. */
  readonly bytes: number
  /** Decodes the next slice. Call it once. */
  next(): PollBody
}

/** A decoded poll answer, or a slice of a large one. */
export interface PollBody {
  readonly commands: readonly PolledCommand[]
  readonly rejected: readonly RejectedCommand[]
  /** Elements without an address that are not among `rejected`. */
  readonly dropped: number
  /** True when the body ends early or is no JSON after the elements above; they are complete all the same. */
  readonly truncated: boolean
  /** Null: this is all. Else the answer holds far more than was asked for, and {@link truncated} is not known yet. */
  readonly rest: PollRest | null
}
