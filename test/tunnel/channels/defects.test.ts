import {fileURLToPath} from 'node:url'
import {gzipSync} from 'node:zlib'
import {describe, expect, it, onTestFinished} from 'vitest'
import {readRpcMessage} from '../../../src/foundation/wire/index.ts'
import type {Channel, ChannelFailure, ChannelSink} from '../../../src/tunnel/channels/index.ts'
import {eventually} from '../../support/eventually.ts'
import {call, openChannels, openHttpChannel, stdioBinding} from '../../support/open-channel.ts'
import {events, json} from '../../support/servers/raw-http-server.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":7}}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const NOTE = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":1}}'
const STREAM = `data: ${NOTE}\n\ndata: ${OK}\n\n`

const fail = (): never => {
  throw new Error('nobody expected this')
}

/** A call whose listener has a defect: the first event of its answer makes it throw. */
function broken(channel: Channel): Promise<ChannelFailure> {
  return new Promise((resolve, reject) => {
    const sink: ChannelSink = {
      onNotification: fail,
      onResponse: () => reject(new Error('the call was answered')),
      onAccepted: () => reject(new Error('the call was accepted')),
      onFailure: resolve,
    }
    channel.send({requestId: 'r', message: readRpcMessage(Buffer.from(CALL)), headers: [], deadline: null}, sink)
  })
}

describe('what is thrown while an answer arrives costs that call only', () => {
  it.each([
    ['as it is', {}, STREAM],
    ['compressed', {'Content-Encoding': 'gzip'}, gzipSync(STREAM)],
  ])('over HTTP, %s', async (_name, headers, body) => {
    let calls = 0
    const {channel} = await openHttpChannel((_, reply) => {
      if (calls++ > 0) return json(reply, OK)
      reply.writeHead(200, {'Content-Type': 'text/event-stream', ...headers})
      reply.end(body)
    })
    expect(await broken(channel)).toMatchObject({failure: 'internal', message: expect.stringContaining('nobody')})
    expect((await call(channel, CALL)).response).toBe(OK)
  })

  it('over stdio, while others use the same server', async () => {
    const server = fileURLToPath(new URL('../../support/servers/stdio-server.mjs', import.meta.url))
    const {channel, records, close} = openChannels({bindings: [stdioBinding([process.execPath, server])]})
    onTestFinished(close)
    await channel.start()
    await call(channel, '{"jsonrpc":"2.0","id":"i","method":"initialize","params":{}}')
    await call(channel, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
    const progress = '{"jsonrpc":"2.0","id":1,"method":"progress","params":{"count":1,"_meta":{"progressToken":7}}}'
    const handle = channel.send(
      {requestId: 'r', message: readRpcMessage(Buffer.from(progress)), headers: [], deadline: null},
      {onNotification: fail, onResponse: fail, onAccepted: fail, onFailure: () => {}},
    )
    await eventually('the defect', () => records.some(({message}) => message === 'a transport threw'))
    handle.cancel('gone')
    expect((await call(channel, '{"jsonrpc":"2.0","id":2,"method":"ping"}')).response).toContain('"id":2')
  })

  it('in a session stream', async () => {
    const {channel} = await openHttpChannel((request, reply) => {
      if (request.method === 'POST') return json(reply, OK)
      events(reply)
      reply.write(`data: ${NOTE}\n\n`)
    })
    const failure = await new Promise<ChannelFailure>((resolve) => {
      channel.listen!(
        {requestId: 'r', headers: []},
        {
          onNotification: fail,
          onResponse: () => {},
          onAccepted: () => {},
          onFailure: resolve,
        },
      )
    })
    expect(failure.failure).toBe('internal')
    expect((await call(channel, CALL)).response).toBe(OK)
  })
})
