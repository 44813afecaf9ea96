// What rooms log through. The writer behind it (bounds, redaction, formats) is log-writer.ts; rooms see this shape only.

/** Levels as the reference names them. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Attributes of one record. Durations are given as `{ms: number}` by the name of the key (`retry_in_ms`). */
export type LogAttrs = Readonly<Record<string, unknown>>

/** A logger bound to some attributes, for example a component. Never hand it a secret or a payload. */
export interface Logger {
  /** True when records of this level are written; ask before you build an expensive attribute. */
  enabled(level: LogLevel): boolean
  debug(message: string, attrs?: LogAttrs): void
  info(message: string, attrs?: LogAttrs): void
  warn(message: string, attrs?: LogAttrs): void
  error(message: string, attrs?: LogAttrs): void
  child(attrs: LogAttrs): Logger
}

/** A logger that says nothing, for tests and for one-shot commands. */
export const silentLogger: Logger = {
  enabled: () => false,
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
}
