// Writes commands into a poll's answer and learns which of them the other side can have. Small answers go out in one
// piece; large ones piece by piece, each with one large command, so that a broken connection leaves no doubt about most.

import type {ServerResponse} from 'node:http'
import type {Instant} from '../../../foundation/platform/index.ts'
import {type Command, commandPrefix} from '../hub/command.ts'
import type {Poll} from '../hub/poll.ts'
import type {TunnelHub} from '../hub/tunnel-hub.ts'
import {FEATURES_HEADER, RUN_HEADER, SERVICE_FEATURES} from './features.ts'

/** Answers up to this size are one buffer and one write. */
const ONE_PIECE = 64 * 1024

/** What {@link answerPoll} needs. */
export interface PollAnswer {
  readonly hub: TunnelHub
  readonly poll: Poll
  readonly commands: readonly Command[]
  readonly response: ServerResponse
  readonly requestId: string
  /** Name of this run of the service. */
  readonly run: string
  readonly now: Instant
}

interface Piece {
  readonly commands: readonly Command[]
  readonly buffers: readonly Buffer[]
  state: 'waiting' | 'writing' | 'written'
}

/** Writes the answer and reports to the hub, exactly once, what became of it. */
export function answerPoll(answer: PollAnswer): void {
  const {hub, poll, commands, response, requestId} = answer
  const pieces = piecesOf(answer)
  const {socket} = response.req
  const onFinish = (): void => {
    // Node reports the writes of a destroyed socket as done; the close that follows tells the truth.
    if (socket.destroyed) return
    response.off('close', onClose)
    hub.handedOver(commands, poll)
  }
  const onClose = (): void => {
    response.off('finish', onFinish)
    hub.giveBack({...split(pieces), poll})
  }
  response.once('finish', onFinish)
  response.once('close', onClose)
  if (response.destroyed || socket.destroyed) {
    response.off('close', onClose)
    onClose()
    return
  }
  let length = 0
  for (const piece of pieces) for (const buffer of piece.buffers) length += buffer.length
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': length,
    'X-Request-Id': requestId,
    [FEATURES_HEADER]: SERVICE_FEATURES,
    [RUN_HEADER]: answer.run,
  })
  if (pieces.length === 1) {
    pieces[0]!.state = 'writing'
    response.end(pieces[0]!.buffers[0])
    return
  }
  writeFrom(response, pieces, 0)
}

function writeFrom(response: ServerResponse, pieces: readonly Piece[], at: number): void {
  const piece = pieces[at]
  if (!piece) {
    response.end()
    return
  }
  piece.state = 'writing'
  response.cork()
  for (const buffer of piece.buffers.slice(0, -1)) response.write(buffer)
  response.write(piece.buffers.at(-1)!, (error) => {
    if (error || response.req.socket.destroyed) return
    piece.state = 'written'
    writeFrom(response, pieces, at + 1)
  })
  response.uncork()
}

/**
 * A written piece may have been read. A piece on its way that holds one command lacks at least that command's last byte:
 * nobody can run it. With several commands in it, the first ones may be complete.
 */
function split(pieces: readonly Piece[]): {unread: Command[]; doubtful: Command[]} {
  const unread: Command[] = []
  const doubtful: Command[] = []
  for (const piece of pieces) {
    const safe = piece.state === 'waiting' || (piece.state === 'writing' && piece.commands.length === 1)
    ;(safe ? unread : doubtful).push(...piece.commands)
  }
  return {unread, doubtful}
}

function piecesOf({commands, now, poll}: PollAnswer): Piece[] {
  const cancellable = poll.features.has('cancel')
  const pieces: Piece[] = []
  let buffers: Buffer[] = []
  let held: Command[] = []
  let size = 0
  const close = (): void => {
    if (buffers.length === 0) return
    pieces.push({
      commands: held,
      buffers: size > ONE_PIECE ? buffers : [Buffer.concat(buffers, size)],
      state: 'waiting',
    })
    buffers = []
    held = []
    size = 0
  }
  const add = (buffer: Buffer): void => {
    buffers.push(buffer)
    size += buffer.length
  }
  let separator = '{"commands":['
  for (const command of commands) {
    if (size > 0 && size + command.bytes > ONE_PIECE) close()
    add(Buffer.from(separator + commandPrefix(command, {now, cancellable})))
    if (command.payload) add(command.payload)
    add(CLOSE_COMMAND)
    held.push(command)
    separator = ','
  }
  // The end of the list goes into a piece of its own when there are several, so that a written piece is all commands.
  if (pieces.length > 0 || size > ONE_PIECE) close()
  add(CLOSE_LIST)
  close()
  return pieces
}

const CLOSE_COMMAND = Buffer.from('}')
const CLOSE_LIST = Buffer.from(']}')
