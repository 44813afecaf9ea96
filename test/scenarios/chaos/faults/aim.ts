// How faults take aim: which messages carry the calls that are meant.

import {setTimeout as sleep} from 'node:timers/promises'
import {type Fault, isHit} from '../fault.ts'
import type {ProxiedExchange, ProxiedReply} from '../proxy/fault-proxy.ts'
import type {World} from '../world.ts'

/** Both transports: faults on the way to the service do not know what is behind the daemon. */
export const BOTH = ['http', 'stdio'] as const
/** Faults on the way to an MCP server exist where there is such a way. */
export const HTTP_ONLY = ['http'] as const

/** The keys of calls in a message: of commands, of requests and of answers. */
export function keysIn(body: Buffer): string[] {
  const text = body.toString('utf8')
  const asked = [...text.matchAll(/"key":"([^"\\]+)"/g)].map((match) => match[1]!)
  // In an answer the key stands in the text, between escaped quotes.
  const answered = [...text.matchAll(/"text":"\\"([^"\\]+)\\" /g)].map((match) => match[1]!)
  return [...asked, ...answered]
}

const hitsIn = (body: Buffer): string[] => keysIn(body).filter(isHit)

/** Polls, answers that are posted, and calls to the MCP server, by what is seen on the wire. */
export const isPoll = ({request}: ProxiedExchange): boolean => request.url.includes('/poll')
export const isPost = ({request}: ProxiedExchange): boolean => request.url.endsWith('/response')

/** How often a fault strikes a call that is meant. */
export interface Aim {
  /** Strikes per key. Default 1: the second attempt goes through. */
  readonly strikes?: number
}

type Before = (exchange: ProxiedExchange) => Promise<void> | void
type Strike = (exchange: ProxiedExchange, reply: ProxiedReply) => Promise<void> | void

function counted({strikes = 1}: Aim): (keys: readonly string[]) => boolean {
  const struck = new Map<string, number>()
  return (keys) => {
    const fresh = keys.filter((key) => (struck.get(key) ?? 0) < strikes)
    for (const key of fresh) struck.set(key, (struck.get(key) ?? 0) + 1)
    return fresh.length > 0
  }
}

/** Strikes the reply to polls that bring a meant call. Everything in the same reply is affected. */
export function onCommands(strike: Strike, aim: Aim = {}): Fault['inject'] {
  return (world) => {
    const due = counted(aim)
    world.control.rule({
      onReply: (exchange, reply) => {
        if (!isPoll(exchange) || !due(hitsIn(reply.body))) return null
        world.affect(...keysIn(reply.body))
        return strike(exchange, reply)
      },
    })
  }
}

/** Strikes the post of a meant call's answer before the service sees it. */
export const onPost = (strike: Before, aim: Aim = {}): Fault['inject'] =>
  onMeant(aim, ({control}, struck) =>
    control.rule({onRequest: (exchange) => (isPost(exchange) && struck(exchange) ? strike(exchange) : null)}),
  )

/** Strikes after the service has taken the answer of a meant call. */
export const onAcknowledgement = (strike: Strike, aim: Aim = {}): Fault['inject'] =>
  onMeant(aim, ({control}, struck) =>
    control.rule({
      onReply: (exchange, reply) => (isPost(exchange) && struck(exchange) ? strike(exchange, reply) : null),
    }),
  )

/** Strikes a meant call before the MCP server sees it. */
export const onCall = (strike: Before, aim: Aim = {}): Fault['inject'] =>
  onMeant(aim, ({mcp}, struck) => mcp.rule({onRequest: (exchange) => (struck(exchange) ? strike(exchange) : null)}))

/** Strikes the MCP server's answer to a meant call. */
export const onAnswer = (strike: Strike, aim: Aim = {}): Fault['inject'] =>
  onMeant(aim, ({mcp}, struck) =>
    mcp.rule({onReply: (exchange, reply) => (struck(exchange) ? strike(exchange, reply) : null)}),
  )

/** Adds a rule that asks of every request whether it carries a meant call that is due; that call is then affected. */
function onMeant(
  aim: Aim,
  add: (world: World, struck: (exchange: ProxiedExchange) => boolean) => void,
): Fault['inject'] {
  return (world) => {
    const due = counted(aim)
    add(world, ({request}) => {
      const keys = hitsIn(request.body)
      if (!due(keys)) return false
      world.affect(...keys)
      return true
    })
  }
}

/** Does something to all connections of a kind again and again, while callers call. */
export function again(
  {after, pauseMs}: {readonly after: number; readonly pauseMs: number},
  harm: (world: World) => void,
): Fault['inject'] {
  return (world) =>
    world.affectWhile(async () => {
      await world.ended(after)
      for (let times = 0; times < 10; times += 1) {
        harm(world)
        await sleep(pauseMs)
      }
      // Who begins before the daemon has noticed the last of it is affected, too.
      await world.recovered(30_000)
    })
}

/** Strikes every poll, from the middle of the load until it is told to stop. */
export const everyPoll =
  (strike: Before) =>
  async (world: World): Promise<() => void> => {
    await world.ended(16)
    world.affect(...world.keys)
    return world.control.rule({onRequest: (exchange) => (isPoll(exchange) ? strike(exchange) : null)})
  }

/** Strikes polls before the service sees them, whatever they would have brought: a few in a row. */
export function onPolls(strike: Before, times = 3): Fault['inject'] {
  return async (world) => {
    await world.ended(16)
    let left = times
    world.affect(...world.keys)
    world.control.rule({
      onRequest: (exchange) => {
        if (!isPoll(exchange) || left <= 0) return null
        left -= 1
        return strike(exchange)
      },
    })
  }
}
