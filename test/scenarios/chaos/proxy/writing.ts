// How replies can be written badly: slowly, byte by byte, not to the end, in another coding, before the request was read.

import type {IncomingMessage, ServerResponse} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {type ProxiedExchange, type ProxiedReply, withLength} from './fault-proxy.ts'

/** Ends the connection with a reset. */
export const reset = ({socket}: Pick<ProxiedExchange, 'socket'>): void => {
  socket.resetAndDestroy()
}

/** Says that nothing more will come, and goes on listening. */
export const halfClose = ({socket}: Pick<ProxiedExchange, 'socket'>): void => {
  socket.end()
}

/** Never says anything again. */
export const silence = (): void => {}

/** A reply that the real server did not give. */
export const answerWith =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = '') =>
  ({response}: Pick<ProxiedExchange, 'response'>): void => {
    response.writeHead(status, {'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body), ...headers})
    response.end(body)
  }

/** What a network shows that wants its users to sign in. */
export const PORTAL = '<!doctype html><html><title>Welcome to the airport</title><form>Sign in</form></html>'
export const portal = answerWith(200, {'Content-Type': 'text/html; charset=utf-8'}, PORTAL)

/** The reply with another body. */
export const withBody =
  (change: (body: Buffer) => Buffer) =>
  (exchange: ProxiedExchange, reply: ProxiedReply): void =>
    exchange.reply({...reply, body: change(reply.body)})

/** Compressed, although nobody said that it may be. */
export const gzipped = (exchange: ProxiedExchange, reply: ProxiedReply): void =>
  exchange.reply({...reply, headers: [...reply.headers, 'Content-Encoding', 'gzip'], body: gzipSync(reply.body)})

/** In pieces of `bytes`, each in a packet of its own. */
export const dripping =
  (bytes: number, everyMs: number) =>
  async ({response, socket}: ProxiedExchange, {status, headers, body}: ProxiedReply): Promise<void> => {
    socket.setNoDelay(true)
    response.writeHead(status, withLength(headers, body))
    for (let at = 0; at < body.length && !response.destroyed; at += bytes) {
      response.write(body.subarray(at, at + bytes))
      await sleep(everyMs)
    }
    response.end()
  }

/** The first part of the body, up to where `end` says, and then a reset or a close although more was announced. */
export const truncated =
  (end: (body: Buffer) => number, how: 'reset' | 'close' = 'close') =>
  ({response, socket}: ProxiedExchange, {status, headers, body}: ProxiedReply): void => {
    response.writeHead(status, withLength(headers, body))
    response.write(body.subarray(0, end(body)), () => {
      // A reset takes with it what the other side has not read yet.
      setTimeout(() => (how === 'reset' ? socket.resetAndDestroy() : socket.destroy()), 50)
    })
  }

/** Answers at once and reads nothing of the body; the connection stays for a second, as a real server's would. */
export function answerUnread(incoming: IncomingMessage, response: ServerResponse, status: number): void {
  incoming.pause()
  response.writeHead(status, {'Content-Type': 'text/plain', 'Content-Length': 0, Connection: 'close'})
  response.flushHeaders()
  const {socket} = incoming
  setTimeout(() => socket.destroy(), 1_000).unref()
}
