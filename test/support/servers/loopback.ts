// Servers of tests listen on loopback, on a port that was free, and are gone after it, whoever is still connected.

import {Server as HttpServer} from 'node:http'
import type {Server} from 'node:net'
import {onTestFinished} from 'vitest'

/** Starts listening; the port. */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as {port: number}).port
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
