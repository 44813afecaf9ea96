// Failures of a call as a channel reports them: what is not given follows from the class, by the one table of the wire room.

import {messageOf} from '../../foundation/errors/index.ts'
import type {HttpFailure} from '../../foundation/platform/index.ts'
import {type TunnelFailureKind, wireFailure} from '../../foundation/wire/index.ts'
import type {ChannelFailure} from './channel.ts'

/** Builds a {@link ChannelFailure}; source, kind and status follow from the class unless they are given. */
export function channelFailure(
  given: Pick<ChannelFailure, 'failure' | 'message'> & Partial<ChannelFailure>,
): ChannelFailure {
  return {...wireFailure(given.failure), upstreamResponded: false, headers: [], ...given}
}

/** Something here was thrown that should not be: it costs the call that it happened to, and no other. */
export const defect = (thrown: unknown): ChannelFailure =>
  channelFailure({failure: 'internal', message: `a defect of this client: ${messageOf(thrown)}`})

/** What the system said of a connection that was lost, in the words of the wire. */
const BY_ERRNO: Readonly<Record<string, TunnelFailureKind>> = {
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_aborted',
  EPIPE: 'closed_pipe',
}

/** How exactly a connection was lost under a reply; undefined: nobody said. */
export const lossKind = ({errno}: HttpFailure): TunnelFailureKind | undefined =>
  errno === undefined ? undefined : BY_ERRNO[errno]

/** A failure of the HTTP door, as one of a call. */
export function httpFailure(cause: HttpFailure): ChannelFailure {
  const kind = cause.failure === 'closed' ? lossKind(cause) : undefined
  const {failure, message} = cause
  return channelFailure({failure, message, ...(kind === undefined ? {} : {kind})})
}
