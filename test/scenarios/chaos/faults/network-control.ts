// What happens to connections between the daemon and the service.

import type {Socket} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {type Fault, isHit} from '../fault.ts'
import {answerUnread, answerWith, dripping, gzipped, halfClose, portal, reset, truncated} from '../proxy/writing.ts'
import type {World} from '../world.ts'
import {again, BOTH, keysIn, onAcknowledgement, onCommands, onPolls, onPost} from './aim.ts'

const RIGHT = {affected: ['right']}
/** An answer of two megabytes: more than fits into the buffers of a connection. */
const large = (hit: boolean): Record<string, unknown> => (hit ? {pad: 1024 * 1024} : {})

/** Answers large posts before their body was read, `times` times each. */
const beforeTheBody =
  (status: number, times: number) =>
  (world: World): void => {
    const struck = new Map<string, number>()
    world.affect(...world.keys.filter(isHit))
    world.control.rule({
      onHead: (incoming, response) => {
        const token = String(incoming.headers['x-tunnel-shard-token'])
        const before = struck.get(token) ?? 0
        if (Number(incoming.headers['content-length'] ?? 0) < 1024 * 1024 || before >= times) return false
        struck.set(token, before + 1)
        answerUnread(incoming, response, status)
        return true
      },
    })
  }

const toConnections = (harm: (socket: Socket) => void): Fault['inject'] =>
  again({after: 32, pauseMs: 50}, ({control}) => control.sockets.forEach(harm))

/** Up to the first command that is meant: it is cut, and with it what follows. */
const beforeTheHit = (body: Buffer): number => body.indexOf(keysIn(body).find(isHit) ?? '')

/** Faults of the way to the service. */
export const NETWORK_CONTROL: readonly Fault[] = [
  {
    // The service has the answer, the daemon does not know: it posts again, and 404 means delivered.
    name: 'acknowledgement-lost',
    transports: BOTH,
    inject: onAcknowledgement(reset),
    expect: RIGHT,
  },
  {
    name: 'acknowledgement-half-closed',
    transports: BOTH,
    inject: onAcknowledgement(halfClose),
    expect: RIGHT,
  },
  {
    name: 'acknowledgement-interim-1xx',
    transports: BOTH,
    inject: onAcknowledgement((exchange, reply) => {
      exchange.response.writeContinue()
      exchange.response.writeProcessing()
      exchange.response.writeEarlyHints({link: '</style.css>; rel=preload; as=style'})
      exchange.reply(reply)
    }),
    expect: RIGHT,
  },
  {
    name: 'post-reset',
    transports: BOTH,
    inject: onPost(reset, {strikes: 2}),
    expect: RIGHT,
  },
  {
    name: 'post-captive-portal',
    transports: BOTH,
    inject: onPost(portal),
    expect: RIGHT,
  },
  {
    name: 'post-early-413',
    transports: BOTH,
    args: large,
    inject: beforeTheBody(413, 1),
    expect: {affected: ['too_large'], seen: ['too_large']},
  },
  {
    // Refused for good: the caller hears of it when its time is over, and the log says why.
    name: 'post-early-401',
    transports: BOTH,
    tunnel: 'own',
    args: large,
    inject: beforeTheBody(401, 3),
    expect: {affected: ['tunnel_response_timeout'], seen: ['tunnel_response_timeout'], logged: ['key_invalid']},
  },
  {
    name: 'post-early-503',
    transports: BOTH,
    args: large,
    inject: beforeTheBody(503, 1),
    expect: RIGHT,
  },
  {
    name: 'poll-reset',
    transports: BOTH,
    inject: onPolls(reset),
    expect: RIGHT,
  },
  {
    name: 'poll-half-closed',
    transports: BOTH,
    inject: onPolls(halfClose),
    expect: RIGHT,
  },
  {
    name: 'poll-captive-portal',
    transports: BOTH,
    inject: onPolls(portal),
    expect: {...RIGHT, logged: ['captive_portal']},
  },
  {
    name: 'poll-redirected',
    transports: BOTH,
    inject: onPolls(answerWith(302, {Location: 'http://127.0.0.1:9/elsewhere'})),
    expect: {...RIGHT, logged: ['redirected']},
  },
  {
    name: 'poll-drip',
    transports: BOTH,
    inject: onCommands(dripping(7, 1)),
    expect: RIGHT,
  },
  {
    name: 'poll-gzip-unasked',
    transports: BOTH,
    inject: onCommands(gzipped),
    expect: RIGHT,
  },
  {
    // What is complete is run; what is cut nobody can run, and the service, which has handed it over, gives it again.
    name: 'poll-truncated',
    transports: BOTH,
    inject: onCommands(truncated(beforeTheHit)),
    expect: {...RIGHT, logged: ['the answer broke off']},
  },
  {
    name: 'poll-garbage-json',
    transports: BOTH,
    inject: onCommands((exchange, reply) => exchange.reply({...reply, body: Buffer.from('{"commands":[{,,')})),
    expect: {...RIGHT, logged: ['wrong_base_url']},
  },
  {
    name: 'poll-answer-reset',
    transports: BOTH,
    inject: onCommands(reset),
    expect: RIGHT,
  },
  {
    name: 'poll-answer-becomes-a-portal',
    transports: BOTH,
    inject: onCommands(portal),
    expect: {...RIGHT, logged: ['captive_portal']},
  },
  {
    // A gateway that could not read the answer to its end.
    name: 'poll-answer-becomes-502',
    transports: BOTH,
    inject: onCommands(answerWith(502)),
    expect: {...RIGHT, logged: ['service_down']},
  },
  {
    name: 'control-connections-reset',
    transports: BOTH,
    rounds: 8,
    inject: toConnections((socket) => socket.resetAndDestroy()),
    expect: RIGHT,
  },
  {
    name: 'control-connections-half-closed',
    transports: BOTH,
    rounds: 8,
    inject: toConnections((socket) => socket.end()),
    expect: RIGHT,
  },
  {
    name: 'control-outage-2s',
    transports: BOTH,
    inject: (world) =>
      world.affectWhile(async () => {
        await world.ended(32)
        const back = await world.control.vanish()
        await sleep(2_000)
        await back()
        await world.ended(96)
      }),
    expect: {...RIGHT, logged: ['refused']},
  },
]
