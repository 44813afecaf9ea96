// Refuses to act on a runtime of another host or container: whether it runs cannot be seen from here, and stopping,
// replacing or forgetting it would leave a daemon that nothing leads to.

import {TunnelError} from '../../../foundation/errors/index.ts'
import type {LocalRuntime} from './look.ts'

/** @throws TunnelError `TC-RUNTIME-ELSEWHERE`; `action` is the verb of the command that has to be run there. */
export function requireHere(runtime: LocalRuntime, action: 'connect' | 'stop' | 'rm', here: string): void {
  const {name, identity} = runtime
  if (identity.state !== 'elsewhere') return
  const command = action === 'connect' ? `stop ${name}` : `${action} ${name}`
  throw new TunnelError('TC-RUNTIME-ELSEWHERE', `${whereItRuns(identity.host, name, here)}; its record stays`, {
    next: [
      `Run tunnel-client runtimes ${command} there`,
      `If ${identity.host} no longer exists: tunnel-client runtimes rm ${name} --lost-host ${identity.host}`,
    ],
  })
}

/** One clause that names both sides. */
export const whereItRuns = (host: string, name: string, here: string): string =>
  host === here
    ? `runtime ${name} was started in another container or pid namespace of ${host}`
    : `runtime ${name} was started on another host or container: ${host} (this is ${here})`
