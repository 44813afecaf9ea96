// What a caller is told when a shared pipe cannot serve him, named once.

import type {ChannelFailure} from '../channel.ts'
import {channelFailure} from '../failures.ts'

/** Nothing more can be written: no queue of ours is full, the server stands still. */
export const backlog = (): ChannelFailure =>
  channelFailure({
    failure: 'child_silent',
    source: 'client_internal',
    kind: 'unknown',
    status: 503,
    message: 'the MCP server does not read what is sent to it',
  })

/** An answer, but none that its caller could read. */
export const unreadable = (): ChannelFailure =>
  channelFailure({failure: 'mcp_not_json', message: 'the MCP server answered something that is no JSON-RPC message'})

/** An answer that was too long to keep. `limit` in bytes. */
export const tooLarge = (limit: number): ChannelFailure =>
  channelFailure({failure: 'too_large', message: `the MCP server's answer is larger than ${limit} bytes`})

/** An answer to a question that nobody asked. */
export const unasked = (): ChannelFailure =>
  channelFailure({
    failure: 'bad_command',
    source: 'protocol',
    kind: 'invalid_protocol_response',
    status: 404,
    message: 'the MCP server asked nothing that this could answer',
  })
