// Bytes on a socket where a library would hide something.

import {connect, type Socket} from 'node:net'

/** A socket whose received bytes can be waited for. */
export class RawSocket {
  readonly socket: Socket
  received: Buffer = Buffer.alloc(0)
  closed = false
  #wake: (() => void)[] = []

  constructor(target: {host: string; port: number} | {path: string}) {
    this.socket = connect(target as {path: string})
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#notify()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
      this.#notify()
    })
  }

  static to(url: string): RawSocket {
    const {hostname, port} = new URL(url)
    return new RawSocket({host: hostname, port: Number(port)})
  }

  write(text: string | Buffer): void {
    this.socket.write(text)
  }

  /** Resolves when `text` has been received. */
  async until(text: string | (() => boolean)): Promise<string> {
    const met = typeof text === 'string' ? () => this.received.includes(text) : text
    while (!met()) {
      if (this.closed) throw new Error(`closed before it came; got ${this.received.toString('latin1').slice(0, 500)}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
    return this.received.toString('latin1')
  }

  /** Resolves with everything once the other side has closed. */
  async end(): Promise<Buffer> {
    while (!this.closed) await new Promise<void>((resolve) => this.#wake.push(resolve))
    return this.received
  }

  destroy(): void {
    this.socket.destroy()
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}
