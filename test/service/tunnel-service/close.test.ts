// A service that was closed is over: nothing of it keeps the process.

import {expect, it, vi} from 'vitest'
import {call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const MiB = 1024 * 1024
const LONG = 1_987_654

/** Closes it, and gives the delays of the timers that are set meanwhile and shortly after. */
async function delaysAtClose(service: Awaited<ReturnType<typeof startService>>): Promise<unknown[]> {
  const timers = vi.spyOn(globalThis, 'setTimeout')
  try {
    await service.close()
    // Time for sockets to hear of their end, and for what waits for that.
    await new Promise((resolve) => setTimeout(resolve, 100))
    return timers.mock.calls.map(([, ms]) => ms)
  } finally {
    timers.mockRestore()
  }
}

it('waits for no daemon that does not read its answer', async () => {
  const patience = 57
  const service = await startService({clientLastSeenMs: patience})
  const deaf = RawSocket.to(service.controlPlaneBaseUrl)
  deaf.socket.pause()
  const headers = {Authorization: `Bearer ${service.runtimeKey.reveal()}`}
  deaf.write(httpBytes('GET', `/v1/tunnels/${service.tunnelId}/poll`, {headers}))
  await until(() => service.snapshot()!.parkedPolls === 1)
  const reply = call(service.mcpUrl, toolCall(1, 'x'.repeat(20 * MiB)))
  await until(() => service.snapshot()!.inFlight === 1)
  // The line is empty, and nobody looks at it any more.
  await new Promise((resolve) => setTimeout(resolve, 5 * patience))
  expect(await delaysAtClose(service)).not.toContain(patience)
  expect((await reply).status).toBe(503)
  deaf.destroy()
})

it('waits for no daemon that works on a call', async () => {
  const service = await startService({clientGoneMs: LONG})
  const daemon = startDaemon(service)
  const reply = call(service.mcpUrl, toolCall(1))
  await daemon.next()
  const delays = await delaysAtClose(service)
  expect(delays.filter((ms) => Number(ms) > LONG - 60_000)).toEqual([])
  expect((await reply).status).toBe(503)
})
