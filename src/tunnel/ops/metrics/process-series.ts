// The process figures that dashboards expect, read only when scraped: no timers, no observers.

import {readdirSync, readFileSync} from 'node:fs'
import {getHeapStatistics} from 'node:v8'
import {residentBytes} from '../../../foundation/platform/index.ts'
import {type Reading, reading, type Series} from './series.ts'

/** Figures of this process under the names of the Prometheus client libraries. */
export function processSeries(): Series[] {
  const startedAt = Date.now() / 1000 - process.uptime()
  return [
    reading('process_cpu_seconds_total', () => {
      const {user, system} = process.cpuUsage()
      return (user + system) / 1e6
    }),
    reading('process_resident_memory_bytes', residentBytes),
    reading('process_start_time_seconds', () => startedAt),
    reading('process_open_fds', openDescriptors),
    reading('process_max_fds', maxDescriptors),
    reading('nodejs_heap_size_used_bytes', () => getHeapStatistics().used_heap_size),
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

/** The soft limit, on Linux; nothing where it cannot be known or there is none, so that no alert divides by a guess. */
function maxDescriptors(): readonly Reading[] {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return soft === undefined ? [] : [{value: Number(soft)}]
  } catch {
    return []
  }
}
