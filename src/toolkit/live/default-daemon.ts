// Which daemon is meant when nobody says: the one that `run` in the same environment would be.

import {CONFIG_ROWS, type ConfigKey} from '../../foundation/config/index.ts'
import {parseListenAddr} from '../../foundation/platform/index.ts'
import {unixHealthUrl} from './health-url.ts'
import type {DaemonLocator} from './locator.ts'

/**
 * By the variables that `run` reads (URL file, socket, listen address), else by its default address. Null: it listens on a
 * port that nobody can know.
 */
export function defaultDaemon(env: Readonly<Record<string, string | undefined>>): DaemonLocator | null {
  const set = (key: ConfigKey): string =>
    rowOf(key)
      ?.env.map((name) => env[name]?.trim() ?? '')
      .find((value) => value !== '') ?? ''
  const urlFile = set('health.url_file')
  if (urlFile !== '') return {urlFile}
  const socket = set('health.unix_socket')
  if (socket !== '') return {url: unixHealthUrl(socket)}
  const listen = parseListenAddr(set('health.listen_addr') || (rowOf('health.listen_addr')?.default ?? ''))
  if (listen === null || listen.port === 0) return null
  const {host, port} = listen
  const reachable = host === '' || /^[0.:]+$/.test(host) ? '127.0.0.1' : host
  return {url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`}
}

const rowOf = (key: ConfigKey) => CONFIG_ROWS.find((row) => row.key === key)
