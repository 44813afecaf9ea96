// Servers of tests listen on loopback, on a port that was free, and are gone after it, whoever is still connected.

import {randomInt} from 'node:crypto'
import {Server as HttpServer} from 'node:http'
import {createServer, type Server} from 'node:net'
import {onTestFinished} from 'vitest'

/** Starts listening; the port. */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  return (server.address() as {port: number}).port
}

/**
 * A free port for a server that ends and comes back at the same place. The system gives it to nobody in the meantime: it lies
 * below those that are handed out for port 0 and for outgoing connections.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const server = createServer()
    try {
      const port = await listen(server, randomInt(15_000, 32_000))
      await close(server)
      return port
    } catch {
      // Somebody is there; elsewhere nobody is.
    }
  }
}

/** Ends it with its HTTP connections. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  if (server instanceof HttpServer) server.closeAllConnections()
  await closed
}

/** Listens until the running test is over; the port. */
export async function listenInTest(server: Server): Promise<number> {
  onTestFinished(() => close(server))
  return await listen(server)
}
