// Services that end with their test, and waiting for a condition instead of for a while.

import {afterEach} from 'vitest'
import {
  createTunnelService,
  type TunnelService,
  type TunnelServiceOptions,
} from '../../../../src/service/tunnel-service/index.ts'
import {Daemon} from './daemon.ts'
import {testIsOver} from './exchange.ts'

const open: {close(): Promise<unknown>}[] = []

afterEach(async () => {
  testIsOver()
  for (const one of open.splice(0).reverse()) await one.close()
})

/** Ends `one` after the test. */
export function closing<T extends {close(): Promise<unknown>}>(one: T): T {
  open.push(one)
  return one
}

/** A service that is closed after the test. */
export async function startService(options: TunnelServiceOptions = {}): Promise<TunnelService> {
  return closing(await createTunnelService(options))
}

/** A daemon whose connections are closed after the test. */
export function startDaemon(service: TunnelService, options?: ConstructorParameters<typeof Daemon>[1]): Daemon {
  const daemon = new Daemon(service, options)
  open.push({close: () => daemon.die()})
  return daemon
}

/** Resolves when `met` holds; the test's own time-out is the limit. */
export async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5))
}
