// Where records go. A reader that has gone or stands still must never end, block or bloat the daemon.

import {open, stat} from 'node:fs/promises'
import {openLogFile} from './log-file.ts'

/** Most bytes that wait for a slow reader; records beyond it are refused. */
const BACKLOG_BYTES = 4 * 1024 * 1024
const LF = 0x0a

/** A sink for lines. */
export interface LogOutput {
  /** False when the line was refused, because the reader stands still. A reader that has gone takes everything. */
  write(line: string): boolean
  /** Resolves when everything was handed over, or after `ms`. */
  flush(ms: number): Promise<void>
  /** Opens the file by its name again, for log rotation; other sinks do nothing. Rejects when it stays with the old one. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** What the system says when a disk takes nothing for now. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'])

/**
 * A standard stream, or any other. A reader that has gone (EPIPE) silences it and does nothing else. A full disk behind it
 * refuses records until it has room again; `retryMs` is how often that is tried.
 */
export function streamOutput(
  stream: NodeJS.WritableStream & {readonly writableLength?: number; readonly errored?: Error | null},
  {retryMs = 5000} = {},
): LogOutput {
  let isGone = false
  let fullAt: number | null = null
  // Stays for good: the EPIPE of a closed pipe may come late, and would be an uncaught error.
  stream.on('error', ({code}: NodeJS.ErrnoException) => {
    if (FULL.has(code)) fullAt ??= performance.now()
    else isGone = true
  })
  return {
    write: (line) => {
      if (isGone) return true
      if (fullAt !== null) {
        if (performance.now() - fullAt < retryMs) return false
        fullAt = null
        // The disk may have taken half a record: this one stands on a line of its own.
        stream.write(`\n${line}`)
        return !stream.errored
      }
      // What is written between a failed write and its event is lost.
      if (stream.errored) return false
      if ((stream.writableLength ?? 0) > BACKLOG_BYTES) return false
      stream.write(line)
      return true
    },
    flush: (ms) => (isGone || fullAt !== null || !stream.writableLength ? Promise.resolve() : handedOver(stream, ms)),
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

/**
 * A file, appended to, created 0600. Rejects when it cannot be opened (`openLogFile`). When it cannot be written (a full disk), records
 * are refused until it can be again; `retryMs` is how often that is tried.
 */
export async function fileOutput(path: string, {retryMs = 5000} = {}): Promise<LogOutput> {
  let stream = await openLogFile(path)
  let output = streamOutput(stream)
  let brokenAt: number | null = null
  let opening: Promise<void> | null = null
  const watch = (): void => {
    const watched = stream
    watched.once('error', () => {
      if (watched === stream) brokenAt = performance.now()
    })
  }
  const replace = async (): Promise<void> => {
    const old = stream
    const next = await openLogFile(path)
    // The disk may have taken half a record: the next one stands on a line of its own.
    const half = brokenAt !== null && (await endsInsideLine(path))
    stream = next
    output = streamOutput(stream)
    brokenAt = null
    watch()
    if (half) output.write('\n')
    // What was written until now still goes to the file that it was meant for.
    if (old.errored) old.destroy()
    else old.end()
  }
  /** One at a time. A request during an earlier one opens once more: the name may lead to another file by then. */
  const reopen = (): Promise<void> => {
    const mine = (opening ?? Promise.resolve()).catch(() => {}).then(replace)
    opening = mine
    const done = (): void => {
      if (opening === mine) opening = null
    }
    mine.then(done, done)
    return mine
  }
  watch()
  return {
    write: (line) => {
      if (brokenAt === null) return output.write(line)
      if (opening === null && performance.now() - brokenAt >= retryMs) {
        brokenAt = performance.now()
        reopen().catch(() => {})
      }
      return false
    },
    reopen,
    flush: (ms) => output.flush(ms),
    close: async () => {
      await opening?.catch(() => {})
      await output.flush(1000)
      stream.destroy()
    },
  }
}

async function endsInsideLine(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (!found?.isFile() || found.size === 0) return false
  const file = await open(path, 'r')
  try {
    const {buffer} = await file.read(Buffer.alloc(1), 0, 1, found.size - 1)
    return buffer[0] !== LF
  } finally {
    await file.close()
  }
}

/** Resolves when an empty write was handed over behind everything that waits. */
function handedOver(stream: NodeJS.WritableStream, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    stream.write('', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
