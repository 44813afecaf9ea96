// From what a command line gave to a client of the management API, and back to nothing: one command, one door.

import {type AdminInput, loadAdminConfig, type ServiceKey} from '../../../foundation/config/index.ts'
import {createHttpDoor, createIdentity} from '../../../foundation/platform/index.ts'
import {createTunnelAdmin} from './tunnel-admin.ts'
import type {TunnelAdmin} from './types.ts'

/** What opening takes. */
export interface TunnelAdminInput extends AdminInput {
  /** Version of this program. */
  readonly version: string
}

/** What the work gets. */
export interface OpenTunnelAdmin {
  readonly admin: TunnelAdmin
  /** Which key is sent. */
  readonly key: ServiceKey
}

/**
 * Opens a client, lets `work` use it, and closes it.
 * @throws TunnelError of `loadAdminConfig`, of the client, and of `work`.
 */
export async function withTunnelAdmin<T>(
  input: TunnelAdminInput,
  work: (open: OpenTunnelAdmin) => Promise<T>,
): Promise<T> {
  const {baseUrl, urlPath, caBundle, key} = await loadAdminConfig(input)
  const door = createHttpDoor()
  try {
    const identity = createIdentity(input.version)
    const extraCa = caBundle === null ? {} : {extraCa: caBundle.pems}
    return await work({admin: createTunnelAdmin({baseUrl, urlPath, key: key.value, door, identity, ...extraCa}), key})
  } finally {
    await door.close()
  }
}
