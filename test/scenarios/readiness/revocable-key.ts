// A way to the service on which a key can lose its rights in the middle: it passes everything on as it is, and after the
// revocation with another key, so that the service itself refuses, in its own words.

import {createServer, type IncomingMessage, request, type ServerResponse} from 'node:http'
import {close, listen} from '../../support/servers/loopback.ts'

/** A running way. */
export interface RevocableKey {
  readonly baseUrl: string
  /** From now on the service sees another key. */
  revoke(): void
  /** Gives it back. Resolves when the service has accepted a poll again. */
  restore(): Promise<number>
  /** When the service has refused for the first time since the revocation; monotonic milliseconds. */
  readonly refused: Promise<number>
  close(): Promise<void>
}

/** Opens one on loopback. */
export async function openRevocableKey(serviceUrl: string): Promise<RevocableKey> {
  const to = new URL(serviceUrl)
  let revoked = false
  let tell: (at: number) => void
  let onAccepted: (at: number) => void = () => {}
  const refused = new Promise<number>((resolve) => {
    tell = resolve
  })
  const pass = (from: IncomingMessage, reply: ServerResponse): void => {
    const authorization = revoked ? 'Bearer rt_revoked' : from.headers.authorization
    const headers = {...from.headers, host: to.host, authorization}
    const accepted = revoked ? () => {} : onAccepted
    const onward = request(
      {host: to.hostname, port: to.port, method: from.method, path: from.url, headers},
      (answer) => {
        if (answer.statusCode === 401) tell(performance.now())
        else accepted(performance.now())
        reply.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(reply)
      },
    )
    onward.on('information', ({statusCode}) => {
      if (statusCode !== 102) return
      reply.writeProcessing()
      accepted(performance.now())
    })
    onward.on('error', () => reply.destroy())
    reply.on('close', () => onward.destroy())
    from.pipe(onward)
  }
  const server = createServer(pass)
  const port = await listen(server)
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    revoke: () => {
      revoked = true
    },
    restore: () => {
      revoked = false
      return new Promise((resolve) => {
        onAccepted = resolve
      })
    },
    refused,
    close: () => close(server),
  }
}
