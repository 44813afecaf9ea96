// A new tunnel may need a moment before the service knows it everywhere.

import {setTimeout as pause} from 'node:timers/promises'
import {isTunnelError, messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {systemClock} from '../../../foundation/platform/index.ts'
import type {ManagedTunnel, TunnelAdmin, TunnelAdminCall} from './types.ts'

const BETWEEN_MS = 1000

/**
 * Reads a tunnel until the service knows it.
 * @throws TunnelError `TC-ADMIN-NOT-READY` after `waitMs` milliseconds; it names the tunnel, which exists all the same.
 */
export async function waitForTunnel(
  admin: TunnelAdmin,
  {tunnelId, waitMs, signal}: TunnelAdminCall & {readonly tunnelId: string; readonly waitMs: number},
): Promise<ManagedTunnel> {
  const end = systemClock.now() + waitMs
  for (;;) {
    try {
      return await admin.get(tunnelId, signal === undefined ? {} : {signal})
    } catch (thrown) {
      if (!isTunnelError(thrown) || signal?.aborted) throw thrown
      const left = end - systemClock.now()
      if (left <= 0) {
        const message = `tunnel ${tunnelId} was created but cannot be read yet: ${messageOf(thrown)}`
        throw new TunnelError('TC-ADMIN-NOT-READY', message, {details: {tunnel_id: tunnelId}, cause: thrown})
      }
      await pause(Math.min(BETWEEN_MS, left), undefined, signal === undefined ? {} : {signal})
    }
  }
}
