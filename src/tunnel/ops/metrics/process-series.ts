// The process figures that dashboards expect, read only when scraped: no timers, no observers.

import {readdirSync} from 'node:fs'
import {gauge, type Series} from './series.ts'

/** Figures of this process under the names of the Prometheus client libraries. */
export function processSeries(): Series[] {
  const startedAt = Date.now() / 1000 - process.uptime()
  const cpu = gauge({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent, in seconds',
    read: () => {
      const {user, system} = process.cpuUsage()
      return (user + system) / 1e6
    },
  })
  return [
    {...cpu, type: 'counter'},
    gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory, in bytes',
      read: () => process.memoryUsage.rss(),
    }),
    gauge({
      name: 'process_start_time_seconds',
      help: 'Start of the process, in seconds since the epoch',
      read: () => startedAt,
    }),
    gauge({name: 'process_open_fds', help: 'Open file descriptors', read: openDescriptors}),
    gauge({
      name: 'nodejs_heap_size_used_bytes',
      help: 'JavaScript heap in use, in bytes',
      read: () => process.memoryUsage().heapUsed,
    }),
  ]
}

/** Linux only; elsewhere 0. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return 0
  }
}
