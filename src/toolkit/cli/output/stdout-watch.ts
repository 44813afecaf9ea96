// Output that does not arrive must not look like success: a full disk is an error, and a reader that has closed its pipe
// ends a command quietly, as SIGPIPE ends other programs. Node reports neither by itself.

import {fstatSync, writeSync} from 'node:fs'
import {getSystemErrorMap} from 'node:util'
import {Exit, TunnelError} from '../../../foundation/errors/index.ts'
import type {TextSink} from '../host.ts'
import {errorLines} from './report-error.ts'

/** The watch over stdout. */
export interface StdoutWatch {
  /** True once stdout has refused something. */
  failed(): boolean
  /**
   * Waits until everything was handed over. Returns `status`, or the status of what went wrong; a disk that is full is
   * reported on `stderr`.
   */
  settle(status: number, stderr: TextSink): Promise<number>
}

const STDOUT = 1

/**
 * Watches stdout, and keeps a stderr that takes nothing from ending the process. The listeners stay for good: a late error
 * would be uncaught. `onFailure` is called at the first failure.
 */
export function watchStdout(onFailure: (error: TunnelError | null) => void = () => {}): StdoutWatch {
  const {stdout, stderr} = process
  let failure: NodeJS.ErrnoException | null = null
  const fail = (error: NodeJS.ErrnoException): void => {
    if (failure !== null) return
    failure = error
    onFailure(outputError(error))
  }
  // The listener of oclif throws at everything but EPIPE.
  stdout.removeAllListeners('error').on('error', fail)
  stderr.on('error', () => {})
  writeWhole(stdout)
  return {
    failed: () => failure !== null,
    settle: async (status, sink) => {
      await new Promise<void>((resolve) => stdout.write('', () => setImmediate(resolve)))
      if (failure === null) return status
      const error = outputError(failure)
      if (error === null) return Exit.unread
      for (const line of errorLines(error)) sink.write(`${line}\n`)
      return Exit.failed
    },
  }
}

/** The error to report; null for a reader that has gone, which is none. */
function outputError({code, errno, message}: NodeJS.ErrnoException): TunnelError | null {
  if (code === 'EPIPE') return null
  const reason = getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
  return new TunnelError('TC-CLI-OUTPUT', `stdout cannot be written: ${reason}`)
}

/** Node's stream for files takes a short write, as of a disk that has just filled up, for a whole one. */
function writeWhole(stream: NodeJS.WriteStream): void {
  if (!fstatSync(STDOUT).isFile()) return
  stream._write = (chunk: Buffer, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(STDOUT, chunk, at)
    } catch (thrown) {
      done(thrown as Error)
      return
    }
    done()
  }
}
