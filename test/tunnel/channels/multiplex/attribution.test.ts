import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'
import {call, type Opened, openChannels, start, stdioBinding} from '../../../support/open-channel.ts'
import {idsSeen, request} from '../stdio/supervised.ts'

const SERVER = fileURLToPath(new URL('../../../support/servers/stdio-server.mjs', import.meta.url))

async function open(more: {readonly serial?: boolean} = {}): Promise<Opened> {
  const opened = openChannels({bindings: [{...stdioBinding([process.execPath, SERVER]), ...more}]})
  onTestFinished(opened.close)
  await opened.channel.start()
  return opened
}

describe('a task', () => {
  it('keeps its id, and its progress token outlives its call', async () => {
    const {channel} = await open()
    const first = call(
      channel,
      '{"jsonrpc":"2.0","id":1,"method":"task","params":{"task":{"ttl":5},"_meta":{"progressToken":"mine","io.modelcontextprotocol/related-task":{"taskId":"1"}}}}',
    )
    expect((await first).response).toBe('{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"1"}}}')
    const later = await call(channel, request(2, 'tasks/result', {taskId: '1'}))
    expect(later.notifications).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine","progress":1}}',
    ])
    expect(later.response).toBe('{"jsonrpc":"2.0","id":2,"result":{"taskId":"1"}}')
  })
})

describe('an error without an id', () => {
  const nobody = (opened: Opened, id: number): ReturnType<typeof start> =>
    start(opened.channel, request(id, 'anonymous'))

  it('is the answer of the only call there is', async () => {
    const {response} = await nobody(await open(), 5).done
    expect(JSON.parse(response!)).toEqual({jsonrpc: '2.0', id: 5, error: {code: -32700, message: 'what?'}})
  })

  it('is nobodys when two calls are under way, or one that was given up: each keeps its own time', async () => {
    const opened = await open()
    const other = start(opened.channel, request(1, 'silent'))
    const first = nobody(opened, 2)
    await call(opened.channel, request(3, 'raw'))
    other.handle.cancel('deadline')
    first.handle.cancel('deadline')
    const second = nobody(opened, 4)
    await call(opened.channel, request(5, 'raw'))
    const outcome = await Promise.race([first.done, other.done, second.done, Promise.resolve('none yet')])
    expect(outcome).toBe('none yet')
  })
})

describe('a serial channel', () => {
  const serial = (): Promise<Opened> => open({serial: true})

  it('gives its server one call at a time, in the order of arrival', async () => {
    const opened = await serial()
    const answers: number[] = []
    const calls = [60, 1, 30, 2].map(async (ms, at) => {
      await call(opened.channel, request(at, 'delay', {ms}))
      answers.push(ms)
    })
    await Promise.all(calls)
    expect(answers).toEqual([60, 1, 30, 2])
  })

  it('lets a cancellation pass what waits, and goes on with the next call when one was given up', async () => {
    const opened = await serial()
    const stuck = start(opened.channel, request(1, 'silent'))
    const next = call(opened.channel, request(2, 'raw', {b: 2}))
    expect(
      (await call(opened.channel, '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'))
        .accepted,
    ).toBeDefined()
    stuck.handle.cancel('caller')
    expect((await next).response).toContain('{"b":2}')
    const told = await call(opened.channel, request(3, 'cancelled'))
    expect(JSON.parse(told.response!).result).toEqual({ids: await idsSeen(opened, 'silent')})
  })

  it('is not held up by a subscription', async () => {
    const opened = await serial()
    const listening = start(opened.channel, request(1, 'subscriptions/listen', {open: true}))
    expect((await call(opened.channel, request(2, 'raw', {b: 2}))).response).toContain('{"b":2}')
    listening.handle.cancel('caller')
  })
})

describe('a message whose inside is no JSON', () => {
  const saying = (...lines: string[]): string => `
    require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
      const {id} = JSON.parse(line)
      for (const text of ${JSON.stringify(lines)}) console.log(text.replace('ID', id))
    })`

  it.each([
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/message","params":{x}}'],
    ['progress', String.raw`{"jsonrpc":"2.0","method":"notifications/progress","params":{"\q":1}}`],
    ['a cancellation', '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId"}}'],
    ['a request', String.raw`{"jsonrpc":"2.0","id":"\q","method":"roots/list"}`],
    ['an answer to nobody', String.raw`{"jsonrpc":"2.0","id":"\q","result":{}}`],
    ['an answer', '{"jsonrpc":"2.0","id":ID,"result":{x}}'],
    ['an error without an id', '{"jsonrpc":"2.0","error":{x}}'],
  ])('costs its own call at most, as %s', async (_what, line) => {
    const answer = '{"jsonrpc":"2.0","id":ID,"result":{}}'
    const {channel, close} = openChannels({
      bindings: [stdioBinding([process.execPath, '-e', saying(line, answer)])],
    })
    onTestFinished(close)
    await channel.start()
    const calls = [
      start(channel, request(1, 'subscriptions/listen'), [], {canBeAsked: true}),
      start(channel, request(2, 'resources/subscribe', {uri: 'a'}), [], {canBeAsked: true}),
    ]
    for (const {done} of calls) expect((await done).response).toMatch(/^\{"jsonrpc":"2.0","id":[12],"(result|error)":/)
  })
})
