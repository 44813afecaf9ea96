import {describe, expect, it, onTestFinished} from 'vitest'
import {call, openChannels, openHttpChannel, start, stdioBinding} from '../../../support/open-channel.ts'
import {events, json} from '../../../support/servers/raw-http-server.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
/** A lead byte before a quote, a cut sequence of three, bytes that are never UTF-8, a surrogate, an overlong form. */
const TEXTS = ['caf\xe9', '\xe2\x82 cut', '\xff\xfe', '\xed\xa0\x80', '\xc0\xaf', '\xf0\x9f\x98\x80 \xf0\x9f\x98']
const answerOf = (text: string): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${text}"}]}}`, 'latin1')

/** What a client reads that is connected directly: the decoding that `fetch` is specified with. */
const directly = async (body: Buffer): Promise<unknown> => new Response(Uint8Array.from(body)).json()

describe.each(TEXTS)('an answer with bytes that are not UTF-8: %j', (text) => {
  const body = answerOf(text)

  it('is delivered as a direct client reads it: JSON', async () => {
    const {channel} = await openHttpChannel((_, reply) => json(reply, body))
    expect(JSON.parse((await call(channel, CALL)).response!)).toEqual(await directly(body))
  })

  it('is delivered as a direct client reads it: an event stream in pieces of one byte', async () => {
    const {channel} = await openHttpChannel((_, reply) => {
      events(reply)
      for (const byte of Buffer.concat([Buffer.from('data: '), body, Buffer.from('\n\n')])) reply.write(Buffer.of(byte))
      reply.end()
    })
    expect(JSON.parse((await call(channel, CALL)).response!)).toEqual(await directly(body))
  })

  it('is delivered as a direct client reads it: stdio', async () => {
    // A child that answers every line with the bytes above, under the id that it was given.
    const script = `
      let rest = ''
      process.stdin.on('data', (chunk) => {
        rest += chunk
        const lines = rest.split('\\n')
        rest = lines.pop()
        for (const line of lines) {
          const {id} = JSON.parse(line)
          const bytes = Buffer.from('${body.toString('base64')}', 'base64').toString('latin1').replace('"id":1', '"id":' + id)
          process.stdout.write(Buffer.from(bytes + '\\n', 'latin1'))
        }
      })`
    const opened = openChannels({bindings: [stdioBinding([process.execPath, '-e', script])]})
    onTestFinished(opened.close)
    await opened.channel.start()
    expect(JSON.parse((await call(opened.channel, CALL)).response!)).toEqual(await directly(body))
  })
})

it('delivers a notification with bytes that are not UTF-8', async () => {
  const {channel} = await openHttpChannel((_, reply) => {
    const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"caf\xe9"}}'
    events(reply).end(Buffer.from(`data: ${note}\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n`, 'latin1'))
  })
  const running = start(channel, CALL)
  expect((await running.done).response).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
  expect(running.notifications).toEqual([
    '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"caf\ufffd"}}',
  ])
})

it('preserves the JSON-RPC error of a refusal whose text is not UTF-8', async () => {
  const error = Buffer.from('{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"caf\xe9"}}', 'latin1')
  const {channel} = await openHttpChannel((_, reply) => json(reply, error, 400))
  expect(JSON.parse((await call(channel, CALL)).failure!.preserved!.toString())).toEqual(await directly(error))
})
