// The end of a log, read from the end: logs grow, and status has no time.

import {open} from 'node:fs/promises'

/** Longer tails are cut, in bytes. */
const MOST_BYTES = 256 * 1024

/** The last `lines` lines without the final line break; empty when there is no such file. */
export async function tailOf(path: string, lines: number): Promise<string> {
  const {text} = await readEnd(path)
  const all = text.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n')
  return all.slice(-lines).join('\n')
}

/** The end of a file, cut at a line, and the offset behind it. */
export async function readEnd(path: string, mostBytes = MOST_BYTES): Promise<{text: string; offset: number}> {
  const file = path === '' ? null : await open(path, 'r').catch(() => null)
  if (file === null) return {text: '', offset: 0}
  try {
    const {size} = await file.stat()
    const from = Math.max(0, size - mostBytes)
    const {buffer, bytesRead} = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    return {text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), offset: from + bytesRead}
  } catch {
    return {text: '', offset: 0}
  } finally {
    await file.close()
  }
}
