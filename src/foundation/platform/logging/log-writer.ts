// The only place that turns log calls into bytes: bounds a record, takes the credentials out, renders one of three formats
// and hands every record to its listener (the operator's log buffer).

import {messageOf} from '../../errors/index.ts'
import {type Clock, systemClock} from '../clock.ts'
import {MAX_TEXT, scrub} from '../redaction/scrub.ts'
import {formatDefault, formatJson, formatText, type LogRecord} from './format.ts'
import type {LogAttrs, Logger, LogLevel} from './log.ts'
import {standardStream} from './log-file.ts'
import {fileOutput, type LogOutput, streamOutput} from './output.ts'
import {plainAttrs} from './plain-attrs.ts'

const LABEL: Readonly<Record<LogLevel, string>> = {debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR'}
const RANK: Readonly<Record<LogLevel, number>> = {debug: 0, info: 1, warn: 2, error: 3}

/** Longest record as it is written, in bytes. */
const MAX_RECORD_BYTES = 16 * 1024
/** Characters of the attributes of one record. Quoting can make six bytes of one: then the next size is tried. */
const SIZES = [12_000, 2_000, 500] as const
/** More bytes than a character takes in UTF-8. */
const MAX_BYTES_PER_CHARACTER = 3

/** A record as it was logged; later attributes replace earlier ones of the same name. */
interface RawRecord extends Omit<LogRecord, 'attrs'> {
  readonly attrs: readonly LogAttrs[]
}

type Write = (level: LogLevel, message: string, attrs: readonly LogAttrs[]) => void

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
  /** Waits until records were handed over, at most `ms`. */
  flush(ms?: number): Promise<void>
  /** Opens the log file by its name again; without a file nothing. Failures are logged, to the old file. Never rejects. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** Opens a log. Rejects with the system's error when the file cannot be opened. */
export async function createLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const clock = options.clock ?? systemClock
  const output = await openOutput(options)
  const render = {default: formatDefault, 'struct-text': formatText, json: formatJson}[options.format]
  const state = {level: RANK[options.level], name: options.level}
  let lost = 0
  const write: Write = (level, message, attrs) => {
    const {record, line} = boundedRecord({time: clock.wall(), level: LABEL[level], message, attrs}, render)
    if (
      lost > 0 &&
      output.write(render({...record, level: 'WARN', message: 'log records dropped', attrs: {count: lost}}))
    )
      lost = 0
    if (!output.write(line)) lost++
    options.onRecord?.(record)
  }
  const logger = createLogger([options.attrs], state, write)
  return {
    logger,
    level: () => state.name,
    setLevel: (level) => {
      state.level = RANK[level]
      state.name = level
    },
    flush: (ms = 1000) => output.flush(ms),
    reopen: () =>
      output.reopen().catch((thrown) => {
        logger.error('log file could not be opened again; still writing to the old one', {error: messageOf(thrown)})
      }),
    close: () => output.close(),
  }
}

function openOutput(options: LogWriterOptions): Promise<LogOutput> | LogOutput {
  const own = options.file ? standardStream(options.file) : null
  if (own !== null) return streamOutput(own)
  if (options.file) return fileOutput(options.file)
  return streamOutput(options.stream ?? (options.format === 'default' ? process.stderr : process.stdout))
}

/** The level is shared, so that a change reaches loggers that exist already. */
function createLogger(bound: readonly LogAttrs[], state: {readonly level: number}, write: Write): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, attrs?: LogAttrs): void => {
      if (RANK[level] >= state.level) write(level, message, attrs === undefined ? bound : [...bound, attrs])
    }
  return {
    enabled: (level) => RANK[level] >= state.level,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (attrs) => createLogger([...bound, attrs], state, write),
  }
}

/** The record without credentials, cut to {@link MAX_RECORD_BYTES}, and its line. */
function boundedRecord(
  {time, level, message, attrs}: RawRecord,
  render: (record: LogRecord) => string,
): {record: LogRecord; line: string} {
  let record: LogRecord = {time, level, message: '', attrs: {}}
  let line = ''
  for (const size of SIZES) {
    const max = Math.min(size, MAX_TEXT)
    record = {time, level, message: scrub(message, {max}), attrs: plainAttrs(attrs, size)}
    line = render(record)
    if (line.length * MAX_BYTES_PER_CHARACTER <= MAX_RECORD_BYTES || Buffer.byteLength(line) <= MAX_RECORD_BYTES) break
  }
  return {record, line}
}
