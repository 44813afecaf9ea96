// What the service itself does: it is overloaded, refuses, repeats itself, gives too much, ends and comes back.

import {eventually} from '../../../support/eventually.ts'
import type {Fault} from '../fault.ts'
import {answerWith, withBody} from '../proxy/writing.ts'
import type {World} from '../world.ts'
import {BOTH, everyPoll, isPoll, onCommands, onPolls, onPost} from './aim.ts'

const RIGHT = {affected: ['right']}
const retryAfter = {'Retry-After': '1'}
const error = (code: string): string => JSON.stringify({error: {message: 'no', type: 'server_error', code}})
const json = {'Content-Type': 'application/json'}

/** The commands of a poll answer, as the text between the brackets. */
const inner = (body: Buffer): string => /^\{"commands":\[(.*)\]\}$/s.exec(body.toString('utf8'))?.[1] ?? ''
const commands = (...texts: readonly string[]): Buffer =>
  Buffer.from(`{"commands":[${texts.filter((text) => text !== '').join(',')}]}`)

/** Ends the service with this signal and starts it again at the same place. */
const restart =
  (signal: NodeJS.Signals) =>
  (world: World): Promise<void> =>
    world.affectWhile(async () => {
      await world.ended(32)
      world.service.process.kill(signal)
      await world.service.process.exited
      await world.startService()
      await world.daemon.ready()
    })

const GONE = ['right', 'service_gone', 'service_stopping', 'tunnel_client_not_connected', 'tunnel_response_timeout']

/** Faults of the service. */
export const SERVICE: readonly Fault[] = [
  {
    name: 'poll-429-retry-after',
    transports: BOTH,
    inject: onPolls(answerWith(429, {...json, ...retryAfter}, error('rate_limit_exceeded'))),
    expect: {...RIGHT, logged: ['rate_limited']},
  },
  {
    name: 'poll-500',
    transports: BOTH,
    inject: onPolls(answerWith(500)),
    expect: {...RIGHT, logged: ['service_down']},
  },
  {
    name: 'poll-502',
    transports: BOTH,
    inject: onPolls(answerWith(502)),
    expect: {...RIGHT, logged: ['service_down']},
  },
  {
    name: 'poll-503-retry-after',
    transports: BOTH,
    inject: onPolls(answerWith(503, retryAfter)),
    expect: {...RIGHT, logged: ['service_down']},
  },
  {
    name: 'poll-401-for-a-while',
    transports: BOTH,
    inject: async (world) => {
      const lift = await everyPoll(answerWith(401, json, error('invalid_api_key')))(world)
      await eventually('not ready', async () => (await world.daemon.get('/readyz')).status === 503)
      lift()
    },
    expect: {...RIGHT, logged: ['key_invalid']},
  },
  {
    name: 'post-429-retry-after',
    transports: BOTH,
    inject: onPost(answerWith(429, {...json, ...retryAfter}, error('rate_limit_exceeded'))),
    expect: RIGHT,
  },
  {name: 'post-500', transports: BOTH, inject: onPost(answerWith(500), {strikes: 2}), expect: RIGHT},
  {name: 'post-502', transports: BOTH, inject: onPost(answerWith(502), {strikes: 2}), expect: RIGHT},
  {name: 'post-503-retry-after', transports: BOTH, inject: onPost(answerWith(503, retryAfter)), expect: RIGHT},
  {
    name: 'duplicate-delivery',
    transports: BOTH,
    inject: onCommands(withBody((body) => commands(inner(body), inner(body)))),
    expect: RIGHT,
  },
  {
    name: 'same-command-in-overlapping-polls',
    transports: BOTH,
    inject: (world) => {
      let again = ''
      let left = 20
      world.affect(...world.keys)
      world.control.rule({
        onReply: (exchange, reply) => {
          if (!isPoll(exchange) || reply.status !== 200 || left <= 0) return null
          left -= 1
          const now = inner(reply.body)
          exchange.reply({...reply, body: commands(again, now)})
          again = now
        },
      })
    },
    expect: RIGHT,
  },
  {
    name: 'odd-commands-in-between',
    transports: BOTH,
    inject: onCommands(
      withBody((body) =>
        commands(
          '{"request_id":"odd-1","shard_token":"s","command_type":"dance"}',
          '7',
          '{"request_id":"odd-2","shard_token":"s","command_type":"jsonrpc","jsonrpc":[]}',
          inner(body),
          '{"command_type":"jsonrpc"}',
        ),
      ),
    ),
    expect: {...RIGHT, logged: ['unknown command_type']},
  },
  {
    // The daemon has room for four and gets up to twenty-five: what it cannot hold is refused in so many words.
    name: 'more-than-limit',
    transports: BOTH,
    tunnel: 'own',
    daemonFlags: {'--control-plane.max-inflight': '4', '--mcp.max-concurrent-requests': '4'},
    inject: (world) => {
      world.affect(...world.keys)
      world.control.rule({
        onRequest: (exchange) => {
          if (!isPoll(exchange)) return null
          const url = exchange.request.url.replace(/limit=\d+/, 'limit=25')
          return exchange.forward({url}).then(exchange.reply)
        },
      })
    },
    expect: {
      affected: ['right', 'queue_full'],
      seen: ['queue_full'],
      logged: ['control-plane returned more commands than requested limit'],
    },
  },
  {
    name: 'service-restart',
    transports: BOTH,
    rounds: 12,
    inject: restart('SIGTERM'),
    expect: {affected: GONE},
  },
  {
    name: 'service-killed',
    transports: BOTH,
    rounds: 12,
    inject: restart('SIGKILL'),
    expect: {affected: GONE},
  },
]
