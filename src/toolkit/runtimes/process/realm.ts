// Is a recorded pid one of this host? Homes are shared between hosts and containers, and a pid of another one says nothing
// here: that no such process is found does not mean that it has ended.

import type {PidRealm} from '../../../foundation/platform/index.ts'
import type {ProcessRecord} from '../state/records.ts'

/** `gone`: this host has been started again since, so that nothing of that time is left. */
export type Whereabouts = 'here' | 'gone' | 'elsewhere'

/** The pid namespace of a Linux host itself; containers have others. */
const HOST_NAMESPACE = '4026531836'

/** Where the recorded process lives. Records without the member are taken as ours, as they always were. */
export function whereabouts(record: ProcessRecord | null, here: PidRealm): Whereabouts {
  const there = record?.host
  if (there === undefined || record?.mode === 'stopped' || record?.mode === '') return 'here'
  if (there.boot_id !== '' && there.boot_id === here.boot_id) {
    return there.pid_namespace === here.pid_namespace ? 'here' : 'elsewhere'
  }
  if (there.name !== here.name) return 'elsewhere'
  // A container of the same name on another boot may be another container; a host of the same name is taken as this one.
  const hosts = [there.pid_namespace, here.pid_namespace].every((one) => ['', HOST_NAMESPACE].includes(one))
  if (!hosts) return 'elsewhere'
  return there.boot_id === '' || here.boot_id === '' ? 'here' : 'gone'
}
