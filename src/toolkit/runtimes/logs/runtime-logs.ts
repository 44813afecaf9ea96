// `runtimes logs`: what a runtime wrote, from a moment on, its end, and what comes.

import {open, stat} from 'node:fs/promises'
import {setTimeout as pause} from 'node:timers/promises'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {parseDuration} from '../../../foundation/platform/index.ts'
import type {RuntimesContext} from '../context.ts'
import {rawOutputFile} from '../process/launch.ts'
import {logFileOf} from '../profile/runtime-profile.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {own, readRecords} from '../state/records.ts'
import {readEnd} from './log-tail.ts'

/** What `logs` takes. */
export interface LogOptions {
  readonly alias: string
  /** How many of the last lines; null: all. */
  readonly tail: number | null
  /** `10m`, or an RFC 3339 instant. */
  readonly since?: string | undefined
  /** The raw output of the process instead of its log. */
  readonly raw: boolean
}

/** Lines of a log. */
export interface LogExcerpt {
  readonly alias: string
  readonly path: string
  readonly exists: boolean
  readonly lines: readonly string[]
}

const MOST_BYTES = 16 * 1024 * 1024
const POLL_MS = 250

/** What was written, and the place from which {@link followLog} goes on. */
export interface ReadLog {
  readonly excerpt: LogExcerpt
  readonly offset: number
}

/** Reads. @throws TunnelError `TC-RUNTIME-ALIAS`, `TC-CLI-USAGE` */
export async function runtimeLogs(options: LogOptions, {root}: Pick<RuntimesContext, 'root'>): Promise<ReadLog> {
  const alias = normalizeAlias(options.alias)
  const {aliases, processes} = await readRecords(root)
  const process = own(processes, alias)
  if (process === undefined && own(aliases, alias) === undefined) {
    throw new TunnelError('TC-RUNTIME-ALIAS', `alias ${alias} is not known; run create or connect first`)
  }
  const since = options.since === undefined ? null : sinceInstant(options.since)
  const log = process?.log_path || logFileOf(alias, root)
  const path = options.raw ? rawOutputFile(log) : log
  const exists = (await stat(path).catch(() => null)) !== null
  const {text, offset} = await readEnd(path, MOST_BYTES)
  const all = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const wanted = since === null ? all : newerThan(all, since)
  const lines = options.tail === null ? wanted : options.tail === 0 ? [] : wanted.slice(-options.tail)
  return {excerpt: {alias, path, exists, lines}, offset}
}

/** Hands over what is appended from `offset` on, until the signal; a log that starts anew is read from its start. */
export async function followLog(options: {
  readonly path: string
  readonly offset: number
  readonly signal: AbortSignal
  readonly onText: (text: string) => void
}): Promise<void> {
  const {path, signal, onText} = options
  let {offset} = options
  // A character may come in two pieces.
  let decoder = new TextDecoder()
  while (!signal.aborted) {
    const file = await open(path, 'r').catch(() => null)
    if (file !== null) {
      try {
        const {size} = await file.stat()
        if (size < offset) {
          offset = 0
          decoder = new TextDecoder()
        }
        while (offset < size) {
          const {buffer, bytesRead} = await file.read(
            Buffer.alloc(Math.min(65536, size - offset)),
            0,
            undefined,
            offset,
          )
          if (bytesRead === 0) break
          offset += bytesRead
          onText(decoder.decode(buffer.subarray(0, bytesRead), {stream: true}))
        }
      } finally {
        await file.close()
      }
    }
    await pause(POLL_MS, undefined, {signal}).catch(() => {})
  }
}

function sinceInstant(text: string): number {
  const duration = parseDuration(text)
  if (duration.ok) return Date.now() - duration.ms
  const instant = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(instant)) return instant
  throw new TunnelError(
    'TC-CLI-USAGE',
    `invalid argument ${JSON.stringify(text)} for "--since" flag: neither a duration such as 10m nor an instant`,
  )
}

/** Lines from an instant on; a line without a time goes with the one before. */
function newerThan(lines: readonly string[], since: number): string[] {
  const first = lines.findIndex((line) => (timeOf(line) ?? Number.NEGATIVE_INFINITY) >= since)
  return first === -1 ? [] : lines.slice(first)
}

function timeOf(line: string): number | null {
  const found = /"time":\s*"([^"]+)"/.exec(line) ?? /\btime="?([^"\s]+)/.exec(line)
  const instant = Date.parse(found?.[1] ?? '')
  return Number.isNaN(instant) ? null : instant
}
