// An HTTP/1.1 client that costs next to nothing: the load side shares the machine with what it measures. One request at a
// time on a kept connection, bodies are seen as views of one buffer that is read into again and again.
import {connect} from 'node:net'

const SCRATCH = 256 * 1024

/** One connection. `call(bytes, onBody, onEnd)`: `onBody(view)` for every piece, `onEnd(status, error)` exactly once. */
export class RawConnection {
  #target
  #socket = null
  #onBody = null
  #onEnd = null
  #head = ''
  #status = 0
  /** Bytes of the body (or of the present chunk) that are still to come; -1: the head is being read. */
  #left = -1
  #chunked = false
  #line = ''

  constructor({host, port}) {
    this.#target = {host, port: Number(port)}
  }

  call(bytes, onBody, onEnd) {
    this.#onBody = onBody
    this.#onEnd = onEnd
    this.#head = ''
    this.#left = -1
    this.#socket ??= this.#open()
    this.#socket.write(bytes)
  }

  /** Ends it; a call under way ends with an error. */
  destroy(why = 'given up') {
    this.#lost(why)
  }

  #open() {
    const onread = {
      buffer: Buffer.allocUnsafeSlow(SCRATCH),
      callback: (length, buffer) => {
        this.#take(buffer.subarray(0, length))
        return true
      },
    }
    const socket = connect({...this.#target, noDelay: true, onread})
    socket.on('error', (error) => socket === this.#socket && this.#lost(error.message))
    socket.on('close', () => socket === this.#socket && this.#lost('connection closed'))
    return socket
  }

  #lost(why) {
    this.#socket?.destroy()
    this.#socket = null
    this.#end(0, why)
  }

  #end(status, error) {
    const onEnd = this.#onEnd
    this.#onEnd = null
    onEnd?.(status, error)
  }

  #take(bytes) {
    let at = 0
    while (at < bytes.length && this.#onEnd !== null) {
      if (this.#left < 0) at = this.#takeHead(bytes, at)
      else if (this.#chunked && this.#left === 0) at = this.#takeLine(bytes, at)
      else {
        const end = Math.min(bytes.length, at + this.#left)
        this.#left -= end - at
        this.#onBody(bytes.subarray(at, end))
        at = end
        if (this.#left === 0 && !this.#chunked) this.#end(this.#status, null)
      }
    }
  }

  #takeHead(bytes, at) {
    const end = bytes.indexOf('\r\n\r\n', at)
    // A head that is cut inside its last four bytes is put together from what came before.
    this.#head += bytes.latin1Slice(at, end < 0 ? bytes.length : end + 4)
    const stop = end < 0 ? this.#head.indexOf('\r\n\r\n') : this.#head.length - 4
    if (stop < 0) return bytes.length
    const after = end < 0 ? bytes.length - (this.#head.length - stop - 4) : end + 4
    const head = this.#head.slice(0, stop)
    this.#head = ''
    const status = Number(head.slice(9, 12))
    if (status < 200) return after
    this.#status = status
    this.#chunked = /\r\ntransfer-encoding: chunked/i.test(head)
    this.#line = ''
    this.#left = this.#chunked ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#left === 0 && !this.#chunked) this.#end(status, null)
    return after
  }

  /** A size line, or the line break after a chunk, or the one after the last chunk. */
  #takeLine(bytes, at) {
    const end = bytes.indexOf(0x0a, at)
    this.#line += bytes.latin1Slice(at, end < 0 ? bytes.length : end)
    if (end < 0) return bytes.length
    const line = this.#line.trim()
    this.#line = ''
    if (line === '') {
      if (this.#last) {
        this.#last = false
        this.#end(this.#status, null)
      }
    } else {
      this.#left = Number.parseInt(line, 16)
      this.#last = this.#left === 0
    }
    return end + 1
  }

  #last = false
}

/** The bytes of a POST; `offset` is where the body begins in them. */
export function postBytes(target, body, extra = {}) {
  const fields = {
    host: target.host,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': Buffer.byteLength(body),
    ...extra,
  }
  const head = `POST ${target.pathname} HTTP/1.1\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
  return {bytes: Buffer.concat([Buffer.from(head), Buffer.from(body)]), offset: Buffer.byteLength(head)}
}
