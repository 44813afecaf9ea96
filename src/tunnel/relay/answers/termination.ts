// The end of an MCP session, as the connector asks for it: what is answered, and the reference's line that says how it went.

import {type JsonRpcCommand, responseHeaders, type SessionTerminationCommand} from '../../../foundation/wire/index.ts'
import type {Channel} from '../../channels/index.ts'
import type {Core} from '../core.ts'
import type {Answer, Recipient} from './answer.ts'
import {commandAttrs} from './command-log.ts'

/** What it takes. */
export interface TerminationOptions {
  readonly core: Core
  readonly channel: Channel
  readonly command: JsonRpcCommand | SessionTerminationCommand
  readonly to: Recipient
  readonly session: string
}

/** Ends the session. `tell` writes the line, once the answer has been taken. */
export async function terminate(options: TerminationOptions): Promise<{answer: Answer; tell: () => void}> {
  const {core, channel, command, to, session} = options
  const {status, headers} = await channel.terminateSession(command.headers, command.deadline)
  const attrs = commandAttrs(to, session)
  const text =
    status === 405 && channel.processAffinity
      ? 'dispatcher rejected MCP session termination for unsupported transport'
      : 'dispatcher received MCP session termination upstream error; posted response to control plane'
  return {
    answer: {
      type: 'session_termination_response',
      status: status || 502,
      headers: responseHeaders(headers),
      payload: null,
      failure: status >= 400 ? 'mcp_status' : null,
    },
    tell: () => {
      if (status >= 400) core.log.warn(text, {...attrs, status_code: status})
      else core.log.info('dispatcher terminated MCP session and posted response to control plane', attrs)
    },
  }
}
