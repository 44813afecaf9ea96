import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'
import {readRpcMessage} from '../../../src/foundation/wire/index.ts'
import type {ChannelFailure, ServerRequest, UpstreamHead} from '../../../src/tunnel/channels/index.ts'
import {eventually} from '../../support/eventually.ts'
import {call, type Opened, openChannels, openHttpChannel, start, stdioBinding} from '../../support/open-channel.ts'
import {events, type SeenRequest} from '../../support/servers/raw-http-server.ts'

const SERVER = fileURLToPath(new URL('../../support/servers/stdio-server.mjs', import.meta.url))
const request = (id: number, method: string, params: object = {}): string =>
  JSON.stringify({jsonrpc: '2.0', id, method, params})
const asking = {canBeAsked: true}

/** Gives the caller's answer, as the relay does. */
function answer(question: ServerRequest, raw: string, headers: string[] = []) {
  return new Promise<{accepted?: UpstreamHead; failure?: ChannelFailure}>((resolve) => {
    question.answer(
      {requestId: 'r2', message: readRpcMessage(Buffer.from(raw)), headers, deadline: null},
      {
        onNotification: () => {},
        onResponse: () => {},
        onAccepted: (accepted) => resolve({accepted}),
        onFailure: (failure) => resolve({failure}),
      },
    )
  })
}

describe('a child that asks', () => {
  const open = async (): Promise<Opened> => {
    const opened = openChannels({bindings: [stdioBinding([process.execPath, SERVER])]})
    onTestFinished(opened.close)
    await opened.channel.start()
    return opened
  }
  const SAMPLING = {method: 'sampling/createMessage'}

  it('asks the caller of its only call, and gets the answer as one line with its own id bytes', async () => {
    const {channel} = await open()
    const running = start(channel, request(1, 'ask', SAMPLING), [], asking)
    await eventually('the question', () => running.questions.length === 1)
    const [question] = running.questions
    expect(question!.message.method).toBe('sampling/createMessage')
    const id = question!.message.id!
    expect(await answer(question!, `{"jsonrpc":"2.0",\n"id":${id},"result":{"n":9007199254740993}}`)).toHaveProperty(
      'accepted',
    )
    const {response} = await running.done
    expect(JSON.parse(response!).result).toMatchObject({id: JSON.parse(id)})
    const seen = JSON.parse((await call(channel, request(2, 'seen'))).response!).result.lines as string[]
    expect(Buffer.from(seen[1]!, 'base64').toString()).toBe(
      `{"jsonrpc":"2.0", "id":${id},"result":{"n":9007199254740993}}`,
    )
  })

  it('hears -32601 when the caller cannot be asked, -32603 when nobody knows which caller is meant', async () => {
    const {channel} = await open()
    const code = async (canBeAsked: boolean): Promise<number> => {
      const {response} = await start(channel, request(1, 'ask', SAMPLING), [], {canBeAsked}).done
      return JSON.parse(response!).result.error.code
    }
    expect(await code(false)).toBe(-32601)
    const other = start(channel, request(7, 'silent'), ['Mcp-Session-Id', 'other'])
    expect(await code(false)).toBe(-32601)
    expect(await code(true)).toBe(-32603)
    other.handle.cancel('caller')
    // It may still be the one that the server works for.
    expect(await code(true)).toBe(-32603)
  })

  it('hears of every one of ten thousand questions at once that it is not carried', async () => {
    const {channel} = await open()
    const {response} = await call(channel, request(1, 'ask', {...SAMPLING, count: 10_000}))
    expect(JSON.parse(response!).result.error).toMatchObject({code: -32601})
  })

  it('gets its ping answered here, whoever calls', async () => {
    const {channel} = await open()
    const running = start(channel, request(1, 'ask', {method: 'ping'}), [], asking)
    expect(JSON.parse((await running.done).response!).result).toMatchObject({result: {}})
    expect(running.questions).toEqual([])
  })

  it('may be refused; what comes after the first word does not count', async () => {
    const {channel} = await open()
    const running = start(channel, request(1, 'ask', SAMPLING), [], asking)
    await eventually('the question', () => running.questions.length === 1)
    const question = running.questions[0]!
    question.refuse(-32603)
    question.refuse(-32601)
    expect(JSON.parse((await running.done).response!).result.error.code).toBe(-32603)
    const late = await answer(question, `{"jsonrpc":"2.0","id":${question.message.id},"result":{}}`)
    expect(late.failure).toMatchObject({status: 404})
    const seen = JSON.parse((await call(channel, request(2, 'seen'))).response!).result.lines as string[]
    expect(seen).toHaveLength(3)
  })

  it('takes its question back: only its own caller hears that, under the id that the server gave it', async () => {
    const {channel} = await open()
    const running = start(channel, request(1, 'ask', SAMPLING), ['Mcp-Session-Id', 'a'], asking)
    await eventually('the question', () => running.questions.length === 1)
    const requestId = JSON.parse(running.questions[0]!.message.id!)
    const note = {method: 'notifications/cancelled', params: {requestId}}
    const other = await call(channel, request(2, 'note', note), ['Mcp-Session-Id', 'b'])
    expect(other.notifications).toEqual([])
    expect(running.notifications.map((raw) => JSON.parse(raw).params)).toEqual([{requestId}])
  })

  it('is gone: its successor never hears the answer to what it did not ask', async () => {
    const {channel} = await open()
    const running = start(channel, request(1, 'ask', SAMPLING), [], asking)
    await eventually('the question', () => running.questions.length === 1)
    await call(channel, request(2, 'crash'))
    expect((await running.done).failure).toMatchObject({failure: 'child_exited'})
    const question = running.questions[0]!
    expect(JSON.parse((await call(channel, request(3, 'raw', {a: 1}))).response!).result).toEqual({a: 1})
    const late = await answer(question, `{"jsonrpc":"2.0","id":${question.message.id},"result":{}}`)
    expect(late.failure).toMatchObject({status: 404})
    question.refuse(-32603)
    const seen = JSON.parse((await call(channel, request(4, 'seen'))).response!).result.lines as string[]
    const id = JSON.parse(question.message.id!)
    expect(seen.filter((line) => JSON.parse(Buffer.from(line, 'base64').toString()).id === id)).toEqual([])
  })
})

describe('an HTTP server that asks', () => {
  const CALL = request(1, 'tools/call')
  const QUESTION = '{"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{}}'
  const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'

  /** Asks on the stream of its call, and answers that when it has heard something. */
  const open = async (question = QUESTION, status = 202) => {
    const opened = await openHttpChannel((seen, reply) => {
      if (seen.body.includes('tools/call')) {
        reply.setHeader('Mcp-Session-Id', 's-1')
        events(reply).write(`data: ${question}\n\n`)
        finish = () => reply.end(`data: ${OK}\n\n`)
      } else {
        reply.writeHead(status).end()
        finish()
      }
    })
    let finish = (): void => {}
    const heard = async (): Promise<SeenRequest> => {
      await eventually('a word to the server', () => opened.server.seen.length === 2)
      return opened.server.seen[1]!
    }
    return {...opened, heard}
  }

  it('gets the answer by POST with the headers of the answer, in the session that its reply has opened', async () => {
    const {channel, heard} = await open()
    const running = start(channel, CALL, ['X-Call', '1'], asking)
    await eventually('the question', () => running.questions.length === 1)
    expect(running.questions[0]!.message.raw.toString()).toBe(QUESTION)
    const raw = '{"jsonrpc":"2.0","id":0 ,"result":{"n":9007199254740993}}'
    expect(await answer(running.questions[0]!, raw, ['X-Answer', '2'])).toMatchObject({accepted: {status: 202}})
    const {body, headers, method} = await heard()
    expect(method).toBe('POST')
    expect(body.toString()).toBe(raw)
    expect(headers).toMatchObject({'x-answer': '2', 'mcp-session-id': 's-1', 'content-type': 'application/json'})
    expect(headers['x-call']).toBeUndefined()
    expect((await running.done).response).toBe(OK)
  })

  it('may refuse the answer: the caller of the answer is told', async () => {
    const {channel} = await open(QUESTION, 400)
    const running = start(channel, CALL, [], asking)
    await eventually('the question', () => running.questions.length === 1)
    const told = await answer(running.questions[0]!, '{"jsonrpc":"2.0","id":0,"result":{}}')
    expect(told.failure).toMatchObject({status: 400})
    expect((await running.done).response).toBe(OK)
  })

  it.each([
    ['-32601 when its caller cannot be asked', false, QUESTION, -32601],
    ['its own ping answered here', true, '{"jsonrpc":"2.0","id":0,"method":"ping"}', undefined],
  ])('hears %s, and the call goes on', async (_what, canBeAsked, question, code) => {
    const {channel, heard} = await open(question)
    const running = start(channel, CALL, ['Authorization', 'Bearer t'], {canBeAsked})
    const {body, headers} = await heard()
    expect(JSON.parse(body.toString())).toMatchObject(code === undefined ? {id: 0, result: {}} : {id: 0, error: {code}})
    expect(headers).toMatchObject({authorization: 'Bearer t', 'mcp-session-id': 's-1'})
    expect(running.questions).toEqual([])
    expect((await running.done).response).toBe(OK)
  })

  it('hears a refusal in the same way', async () => {
    const {channel, heard} = await open()
    const running = start(channel, CALL, [], asking)
    await eventually('the question', () => running.questions.length === 1)
    running.questions[0]!.refuse(-32603)
    expect(JSON.parse((await heard()).body.toString())).toMatchObject({id: 0, error: {code: -32603}})
    expect((await running.done).response).toBe(OK)
  })
})
