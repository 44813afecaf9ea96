// Log, health listener, process files and admin UI.

import {goQuote} from '../../errors/index.ts'
import {type LogLevel, SOCKET_PATH_NEXT, socketPathProblem} from '../../platform/index.ts'
import {shown} from '../problems.ts'
import type {ConfigKey} from '../rows/index.ts'
import type {TunnelConfig} from '../types.ts'
import {parseInteger} from '../values/go-text.ts'
import {type Context, plainPath, yamlText} from './context.ts'

/** How the log is written. */
export function assembleLog(context: Context): TunnelConfig['log'] {
  const levelText = context.scalars.text('log.level') ?? 'info'
  const file = pathText(context, 'log.file')
  const formatText = context.scalars.text('log.format')
  const {origin} = context.layers
  // Has no effect: read so that true is refused.
  context.scalars.bool('log.http_raw_unsafe')
  const format = readFormat(formatText ?? (file === null ? null : 'struct-text'))
  if (format === null) {
    const label = goQuote(shown(formatText ?? ''))
    const text = `unsupported log format ${label}: supported formats are "struct-text" or "json"`
    context.report('TC-CONFIG-LOG', text, origin('log.format'))
  } else if (format === 'default' && levelText.toLowerCase() !== 'info') {
    const text = "log level requires 'struct-text' or 'json' log format"
    context.report('TC-CONFIG-LOG', text, origin('log.level'))
    return {level: 'info', format, file}
  }
  return {level: readLevel(context, levelText), format: format ?? 'default', file}
}

/** Null for a format that does not exist. */
function readFormat(text: string | null): TunnelConfig['log']['format'] | null {
  const format = text?.toLowerCase()
  if (format === undefined || format === '') return 'default'
  return format === 'struct-text' || format === 'json' ? format : null
}

const LEVELS: readonly (readonly [string, number])[] = [
  ['debug', -4],
  ['info', 0],
  ['warn', 4],
  ['error', 8],
]

/** A slog level such as `info` or `WARN-1`: the lowest of our four levels that it lets through. */
function readLevel(context: Context, text: string): LogLevel {
  const refuse = (why: string): LogLevel => {
    const label = goQuote(shown(text))
    const message = `parse log level ${label}: slog: level string ${label}: ${why}`
    context.report('TC-CONFIG-LOG', message, context.layers.origin('log.level'))
    return 'info'
  }
  const sign = text.search(/[+-]/)
  const name = sign < 0 ? text : text.slice(0, sign)
  const base = LEVELS.find(([level]) => level === name.toLowerCase())
  const offset = sign < 0 ? {ok: true as const, value: 0} : parseInteger(text.slice(sign), 'Atoi')
  if (!offset.ok) return refuse(offset.problem)
  if (base === undefined) return refuse('unknown name')
  const threshold = base[1] + offset.value
  return (LEVELS.find(([, value]) => value >= threshold)?.[0] ?? 'error') as LogLevel
}

/** Where health, metrics and the admin UI listen. */
export async function assembleHealth(context: Context): Promise<TunnelConfig['health']> {
  const listenAddr = (await yamlText(context, 'health.listen_addr')) ?? ''
  const unixSocket = plainPath(context, 'health.unix_socket', (await yamlText(context, 'health.unix_socket')) ?? null)
  const tooLong = unixSocket === null ? null : socketPathProblem(unixSocket)
  if (tooLong !== null) {
    context.problems.add({
      code: 'TC-CONFIG-VALUE',
      message: `invalid health.unix-socket ${goQuote(unixSocket!)}: it ${tooLong}`,
      origin: context.layers.origin('health.unix_socket'),
      next: [SOCKET_PATH_NEXT],
    })
  }
  const showDetails = context.scalars.bool('health.show_details')
  return {listenAddr, unixSocket, urlFile: pathText(context, 'health.url_file'), showDetails}
}

/** Files and times of the process. */
export function assembleProcess(context: Context): TunnelConfig['process'] {
  const pidFile = pathText(context, 'process.pid_file')
  return {pidFile, drainTimeout: context.scalars.duration('process.drain_timeout')}
}

/** The admin UI. */
export function assembleAdminUi(context: Context): TunnelConfig['adminUi'] {
  return {
    allowRemote: context.scalars.bool('admin_ui.allow_remote'),
    openBrowser: context.scalars.bool('admin_ui.open_browser'),
    logBufferEvents: context.scalars.int('admin_ui.log_buffer_events'),
  }
}

function pathText(context: Context, key: ConfigKey): string | null {
  return plainPath(context, key, context.scalars.text(key))
}
