// Servers that do to their clients what real ones do on bad days, byte by byte.

import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {connect, createServer, type Server, type Socket} from 'node:net'
import {onTestFinished} from 'vitest'
import {
  createHttpDoor,
  type DestinationSpec,
  type HttpDestination,
  type HttpDoorOptions,
  type HttpFailure,
  HttpFailureError,
  type HttpRequest,
  type ReplySink,
} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'

/** A server whose connections are handled by hand. */
export interface RawServer {
  readonly port: number
  readonly origin: URL
  /** Connections so far. */
  readonly accepted: () => number
  /** Connections that are open now. */
  readonly open: () => number
  readonly server: Server
}

/** Listens on loopback (or on a unix socket) until the test ends. */
export async function rawServer(
  handle: (socket: Socket, nth: number) => void,
  listen: {path: string} | {host?: string; port?: number} = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let accepted = 0
  const server = createServer({noDelay: true}, (socket) => {
    accepted += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    handle(socket, accepted)
    // A socket that nobody reads never notices its end.
    if (socket.listenerCount('data') === 0) socket.resume()
  })
  server.listen('path' in listen ? listen : {host: '127.0.0.1', port: 0, ...listen})
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    port,
    origin: new URL(`http://127.0.0.1:${port}`),
    accepted: () => accepted,
    open: () => sockets.size,
    server,
  }
}

/** Calls `answer` with each complete request: head and body of its content-length. */
export function onRequests(socket: Socket, answer: (head: string, body: Buffer, nth: number) => void): void {
  let rest = Buffer.alloc(0)
  let nth = 0
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = rest.toString('latin1', 0, end)
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
      if (rest.length < end + 4 + length) return
      const body = rest.subarray(end + 4, end + 4 + length)
      rest = rest.subarray(end + 4 + length)
      nth += 1
      answer(head, body, nth)
    }
  })
}

/** A complete 200 with this body. */
export const ok = (body: string | Buffer, fields = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ])

/** A door with one destination, closed when the test ends. */
export function destinationTo(
  where: URL | string,
  spec: Partial<DestinationSpec> = {},
  options: HttpDoorOptions = {},
): HttpDestination {
  const door = createHttpDoor(options)
  onTestFinished(() => door.close())
  return door.destination({name: 'test', origin: new URL(where), ...spec})
}

/** The shortest request. */
export const GET: HttpRequest = {method: 'GET', path: '/', headers: []}

/** The failure of a fetch; fails the test when there is none. */
export async function failureOf(promise: Promise<unknown>): Promise<HttpFailureError> {
  const thrown = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  if (!(thrown instanceof HttpFailureError)) throw thrown
  if (JSON.stringify([thrown, thrown.message]).includes('UND_ERR')) throw new Error('an UND_ERR code left the door')
  return thrown
}

/** What a sink heard, in order. */
export interface Heard {
  readonly events: string[]
  readonly sink: ReplySink
  readonly ended: Promise<HttpFailure | null>
  body(): Buffer
}

/** A sink that writes down what it hears, and fails on anything after the end. */
export function hearing(more: Partial<ReplySink> = {}): Heard {
  const events: string[] = []
  const chunks: Buffer[] = []
  let done: (failure: HttpFailure | null) => void = () => {}
  const ended = new Promise<HttpFailure | null>((resolve) => {
    done = resolve
  })
  const note = (event: string): void => {
    if (events.includes('end') || events.some((one) => one.startsWith('failure')))
      throw new Error(`${event} after the end`)
    events.push(event)
  }
  const sink: ReplySink = {
    onSent: () => note('sent'),
    onInterim: (status) => note(`interim ${status}`),
    onHead(status, headers, at) {
      note(`head ${status}`)
      more.onHead?.(status, headers, at)
    },
    onData(chunk) {
      chunks.push(chunk)
      if (events.at(-1) !== 'data') note('data')
      more.onData?.(chunk)
    },
    onEnd() {
      note('end')
      done(null)
    },
    onFailure(failure) {
      note(`failure ${failure.failure}`)
      done(failure)
    },
  }
  return {events, sink, ended, body: () => Buffer.concat(chunks)}
}

/** A port on which nobody takes connections: a stopped process whose backlog is full. Packets to it are dropped. */
export interface HeldPort {
  readonly host: string
  readonly port: number
  /** The process goes on and accepts. */
  letGo(): void
}

const HOLDER = `
  const net = require('node:net')
  const server = net.createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi'))
  server.listen({port: Number(process.argv[2]), host: process.argv[1], backlog: 1}, () => {
    process.stdout.write(server.address().port + '\\n', () => process.kill(process.pid, 'SIGSTOP'))
  })
`

/** Takes a port and holds it until the test ends. */
export async function heldPort(host = '127.0.0.1', wanted = 0): Promise<HeldPort> {
  const child = spawn(process.execPath, ['-e', HOLDER, host, String(wanted)], {stdio: ['ignore', 'pipe', 'inherit']})
  const fillers: Socket[] = []
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy()
    child.kill('SIGKILL')
  })
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(text.toString())
  // The queue takes a connection or two more than it should; it is full once one stays unanswered.
  for (let full = false; !full; ) {
    const filler = connect(port, host)
    filler.on('error', () => {})
    fillers.push(filler)
    await Promise.race([once(filler, 'connect'), new Promise((resolve) => setTimeout(resolve, 300))])
    // What has happened in the meantime is told in the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve))
    full = filler.connecting
  }
  return {host, port, letGo: () => void child.kill('SIGCONT')}
}

/** Sockets of this process, connecting ones included. */
export const socketsHere = (): number =>
  process.getActiveResourcesInfo().filter((one) => /^(TCP(Socket|Connect)Wrap|PipeConnectWrap|TLSWrap)$/.test(one))
    .length

/** `beforeEach(noSocketsLeft)`: when the test and its own clean-up are through, this process must hold no socket. */
export const noSocketsLeft = (): void =>
  onTestFinished(async () => {
    await eventually('all sockets closed', () => socketsHere() === 0)
  })
