// What happens to connections between the daemon and an MCP server over HTTP.

import type {Socket} from 'node:net'
import {type Fault, isHit} from '../fault.ts'
import {
  answerUnread,
  answerWith,
  dripping,
  halfClose,
  portal,
  reset,
  silence,
  truncated,
  withBody,
} from '../proxy/writing.ts'
import type {World} from '../world.ts'
import {again, HTTP_ONLY, onAnswer, onCall} from './aim.ts'

const half = (body: Buffer): number => body.length >> 1
/** More than fits into the buffers of a connection. */
const LARGE = {filler: 'x'.repeat(4 * 1024 * 1024)}

/** Answers large calls before their body was read. */
const beforeTheBody =
  (status: number) =>
  (world: World): void => {
    world.affect(...world.keys.filter(isHit))
    world.mcp.rule({
      onHead: (incoming, response) => {
        if (Number(incoming.headers['content-length']) < 1024 * 1024) return false
        answerUnread(incoming, response, status)
        return true
      },
    })
  }

/** Idle ones, too. */
const toConnections = (harm: (socket: Socket) => void): Fault['inject'] =>
  again({after: 16, pauseMs: 20}, ({mcp}) => mcp.sockets.forEach(harm))

/** Faults of the way to the MCP server. */
export const NETWORK_MCP: readonly Fault[] = [
  {
    name: 'mcp-reset-before-answer',
    transports: HTTP_ONLY,
    inject: onCall(reset),
    expect: {affected: ['closed'], seen: ['closed']},
  },
  {
    name: 'mcp-half-close-before-answer',
    transports: HTTP_ONLY,
    inject: onCall(halfClose),
    expect: {affected: ['closed'], seen: ['closed']},
  },
  {
    // The tool has run: asking again would run it twice.
    name: 'mcp-reset-after-execution',
    transports: HTTP_ONLY,
    inject: onAnswer(reset),
    expect: {affected: ['closed'], seen: ['closed']},
  },
  {
    name: 'mcp-connections-reset',
    transports: HTTP_ONLY,
    rounds: 8,
    inject: toConnections((socket) => socket.resetAndDestroy()),
    expect: {affected: ['right', 'closed', 'reset']},
  },
  {
    name: 'mcp-connections-half-closed',
    transports: HTTP_ONLY,
    rounds: 8,
    inject: toConnections((socket) => socket.end()),
    expect: {affected: ['right', 'closed']},
  },
  {
    name: 'mcp-silent-drop',
    transports: HTTP_ONLY,
    tunnel: 'own',
    inject: onCall(silence),
    expect: {affected: ['tunnel_response_timeout'], seen: ['tunnel_response_timeout']},
  },
  {
    name: 'mcp-connection-refused',
    transports: HTTP_ONLY,
    rounds: 8,
    inject: (world) =>
      world.affectWhile(async () => {
        await world.ended(32)
        const back = await world.mcp.vanish()
        await world.ended(64)
        await back()
      }),
    expect: {affected: ['right', 'refused', 'closed', 'reset'], seen: ['refused']},
  },
  {
    name: 'mcp-early-413',
    transports: HTTP_ONLY,
    args: (hit) => (hit ? LARGE : {}),
    inject: beforeTheBody(413),
    expect: {affected: ['mcp_status'], seen: ['mcp_status']},
  },
  {
    name: 'mcp-early-401',
    transports: HTTP_ONLY,
    args: (hit) => (hit ? LARGE : {}),
    inject: beforeTheBody(401),
    expect: {affected: ['mcp_auth'], seen: ['mcp_auth']},
  },
  {
    name: 'mcp-interim-1xx',
    transports: HTTP_ONLY,
    inject: onCall(async (exchange) => {
      const reply = await exchange.forward()
      exchange.response.writeContinue()
      exchange.response.writeProcessing()
      exchange.response.writeEarlyHints({link: '</style.css>; rel=preload; as=style'})
      exchange.response.writeProcessing()
      exchange.reply(reply)
    }),
    expect: {affected: ['right']},
  },
  {
    name: 'mcp-drip',
    transports: HTTP_ONLY,
    inject: onAnswer(dripping(1, 1)),
    expect: {affected: ['right']},
  },
  {
    name: 'mcp-truncated-body',
    transports: HTTP_ONLY,
    inject: onAnswer(truncated(half)),
    expect: {affected: ['closed'], seen: ['closed']},
  },
  {
    name: 'mcp-garbage-json',
    transports: HTTP_ONLY,
    inject: onAnswer(withBody((body) => Buffer.concat([Buffer.from('}{'), body]))),
    expect: {affected: ['mcp_not_json'], seen: ['mcp_not_json']},
  },
  {
    name: 'mcp-broken-utf8',
    transports: HTTP_ONLY,
    inject: onAnswer(
      withBody((body) => {
        const word = Buffer.from('ключ').toString('latin1')
        return Buffer.from(body.toString('latin1').replaceAll(word, '\xff\xfe'), 'latin1')
      }),
    ),
    expect: {affected: ['replaced'], seen: ['replaced']},
  },
  {
    name: 'mcp-captive-portal',
    transports: HTTP_ONLY,
    inject: onCall(portal),
    expect: {affected: ['mcp_content_type'], seen: ['mcp_content_type']},
  },
  {
    name: 'mcp-500-after-execution',
    transports: HTTP_ONLY,
    inject: onAnswer(answerWith(500, {}, 'oops')),
    expect: {affected: ['mcp_status'], seen: ['mcp_status']},
  },
  {
    name: 'mcp-503-retry-after',
    transports: HTTP_ONLY,
    inject: onCall(answerWith(503, {'Retry-After': '1'})),
    expect: {affected: ['mcp_status'], seen: ['mcp_status']},
  },
]
