// A channel to a server that does to the bare connection what a test wants: nothing of HTTP is made by anybody else.

import {createServer, type Socket} from 'node:net'
import {onTestFinished} from 'vitest'
import {httpBinding, type Opened, openChannels} from '../open-channel.ts'
import {listen} from './loopback.ts'

/**
 * Such a channel; `act` is called once for each connection, when `after` bytes of it have been read; where that is more than
 * one, nothing is read any more. All ends with the test.
 */
export async function openSocketChannel(act: (socket: Socket, nth: number) => void, after = 1): Promise<Opened> {
  const sockets = new Set<Socket>()
  let nth = 0
  const server = createServer((socket) => {
    const connection = ++nth
    sockets.add(socket)
    socket.on('error', () => {})
    let bytes = 0
    let acted = false
    socket.on('data', (data) => {
      bytes += data.length
      if (acted || bytes < after) return
      acted = true
      if (after > 1) socket.pause()
      act(socket, connection)
    })
  })
  const port = await listen(server)
  const opened = openChannels({bindings: [httpBinding(new URL(`http://127.0.0.1:${port}/mcp`))]})
  onTestFinished(async () => {
    await opened.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return opened
}

/** One chunk of a chunked body. */
export const chunk = (data: string | Buffer): Buffer => {
  const bytes = Buffer.from(data)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}
