// The only place that turns log calls into bytes: pino serialises, this file takes the credentials out, renders one of
// three formats and hands every record to whoever keeps it (the operator's log buffer).

import type {Logger as Pino} from 'pino'
import {type Clock, systemClock} from '../clock.ts'
import type {Secret} from '../secret.ts'
import {formatDefault, formatJson, formatText, type LogRecord} from './format.ts'
import type {LogAttrs, Logger, LogLevel} from './log.ts'
import {fileOutput, type LogOutput, streamOutput} from './output.ts'
import {createScrubber, type Scrubber} from './scrubber.ts'

const RANK: Readonly<Record<LogLevel, number>> = {debug: 0, info: 1, warn: 2, error: 3}

/** What a log writer is made of. */
export interface LogWriterOptions {
  readonly level: LogLevel
  readonly format: 'default' | 'struct-text' | 'json'
  /** Appended to, created 0600. Without it: stderr for the default format, else stdout. */
  readonly file?: string | null
  /** Overrides where lines go when there is no file (`dev proxy` keeps stdout for its own output). */
  readonly stream?: NodeJS.WritableStream
  /** On every record. */
  readonly attrs: LogAttrs
  /** Values that must not appear, whatever attribute or text they hide in. */
  readonly secrets?: readonly Secret[]
  /** Receives every written record, scrubbed. Must be quick and not throw. */
  readonly onRecord?: (record: LogRecord) => void
  readonly clock?: Clock
}

/** A logger and the handles of the one who owns it. */
export interface LogWriter {
  readonly logger: Logger
  level(): LogLevel
  /** Takes effect at once for every logger that was derived. */
  setLevel(level: LogLevel): void
  /** Makes a value known as secret from now on. */
  learn(secret: Secret): void
  scrub(text: string): string
  /** Waits until records were handed over, at most `ms`. */
  flush(ms?: number): Promise<void>
  close(): Promise<void>
}

/** Opens a log. Rejects with the system's error when the file cannot be opened. */
export async function createLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const {pino} = await import('pino')
  const clock = options.clock ?? systemClock
  const scrubber = createScrubber(options.secrets)
  const output = await openOutput(options)
  const render = {default: formatDefault, 'struct-text': formatText, json: formatJson}[options.format]
  const state = {level: RANK[options.level], name: options.level}
  let lost = 0
  const sink = {
    write: (json: string) => {
      const record = readRecord(json, scrubber)
      if (
        lost > 0 &&
        output.write(render({...record, level: 'WARN', message: 'log records dropped', attrs: {count: lost}}))
      )
        lost = 0
      if (!output.write(render(record))) lost++
      options.onRecord?.(record)
    },
  }
  const root = pino(
    {
      level: 'debug',
      base: options.attrs as Record<string, unknown>,
      timestamp: () => `,"time":${clock.wall()}`,
      formatters: {level: (label) => ({level: label.toUpperCase()})},
    },
    sink,
  )
  return {
    logger: wrap(root, state),
    level: () => state.name,
    setLevel: (level) => {
      state.level = RANK[level]
      state.name = level
    },
    learn: scrubber.learn,
    scrub: scrubber.scrub,
    flush: (ms = 1000) => output.flush(ms),
    close: () => output.close(),
  }
}

function openOutput(options: LogWriterOptions): Promise<LogOutput> | LogOutput {
  if (options.file) return fileOutput(options.file)
  return streamOutput(options.stream ?? (options.format === 'default' ? process.stderr : process.stdout))
}

/** Our shape around pino. The level is shared, so that a change reaches loggers that exist already. */
function wrap(inner: Pino, state: {readonly level: number}): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, attrs?: LogAttrs): void => {
      if (RANK[level] < state.level) return
      if (attrs) inner[level](attrs, message)
      else inner[level](message)
    }
  return {
    enabled: (level) => RANK[level] >= state.level,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (attrs) => wrap(inner.child(attrs), state),
  }
}

/** pino's line as a record, with the credentials gone. */
function readRecord(json: string, scrubber: Scrubber): LogRecord {
  const {time, level, msg, ...attrs} = JSON.parse(json, scrubber.reviver) as Record<string, unknown>
  return {time: Number(time), level: String(level), message: String(msg ?? ''), attrs}
}
