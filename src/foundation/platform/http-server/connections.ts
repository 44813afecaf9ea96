// Closing a server without waiting for connections that do nothing. Node closes idle ones once, when it is asked, but not
// those that become idle afterwards, and not those that never sent a request.

import type {IncomingMessage, Server, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'

/** Knows a server's connections. */
export interface Connections {
  /** True when the request that is being read on this connection has an answer already. */
  isAnswered(socket: Socket): boolean
  /** Notes that an exchange begins. */
  began(request: IncomingMessage, response: ServerResponse): void
  /** Takes no new connections, lets running exchanges end for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>
}

/** Watches `server`, which must not listen yet. */
export function trackConnections(server: Server, {secure}: {secure: boolean}): Connections {
  // Under TLS the socket of a request is another than the one that was accepted.
  const accepted = new Set<Socket>()
  const latest = new Map<Socket, ServerResponse | null>()
  server.on('connection', (socket: Socket) => {
    accepted.add(socket)
    socket.once('close', () => accepted.delete(socket))
  })
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    latest.set(socket, null)
    socket.once('close', () => latest.delete(socket))
  })
  const endIdle = (): void => {
    for (const [socket, response] of latest) {
      if (response === null || response.closed) socket.destroy()
      else response.once('close', () => socket.destroySoon())
    }
  }
  return {
    isAnswered: (socket) => {
      const response = latest.get(socket)
      return response?.headersSent === true && !response.req.complete
    },
    began: (request, response) => {
      latest.set(request.socket, response)
    },
    close: (graceMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => {
          for (const socket of accepted) socket.destroy()
        }, graceMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        endIdle()
      }),
  }
}
