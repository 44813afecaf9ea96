// The stderr of a child on its way to ours, where our own log may go as well: each line is marked with its channel and made
// printable, so that a server can neither forge a record of ours nor steer the terminal of the operator.

import {StringDecoder} from 'node:string_decoder'
import {printable} from '../../../foundation/platform/index.ts'
import type {StderrSink} from './stderr-tail.ts'

/** A longer line is continued on the next, in characters. */
const MAX_LINE = 16 * 1024

/** A sink that writes every line as `[mcp <channel>] <line>`; the last one when it ends or at `flush()`. */
export function markedStderr(sink: StderrSink, channel: string): StderrSink {
  const decoder = new StringDecoder('utf8')
  let partial = ''
  const pass = (lines: readonly string[]): void => {
    if (lines.length === 0) return
    sink.write(Buffer.from(lines.map((line) => `[mcp ${channel}] ${printable(line)}\n`).join('')))
  }
  return {
    get writableLength() {
      return sink.writableLength ?? 0
    },
    write: (chunk) => {
      const lines = `${partial}${decoder.write(chunk)}`.split(/\r?\n/)
      partial = lines.pop() ?? ''
      while (partial.length > MAX_LINE) {
        lines.push(partial.slice(0, MAX_LINE))
        partial = partial.slice(MAX_LINE)
      }
      pass(lines)
    },
    flush: () => {
      const rest = `${partial}${decoder.end()}`
      partial = ''
      if (rest !== '') pass([rest])
    },
  }
}
