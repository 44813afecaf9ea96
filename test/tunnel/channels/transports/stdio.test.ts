import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, describe, expect, it} from 'vitest'
import {splitArgv} from '../../../../src/foundation/platform/index.ts'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, type Opened, openChannels, start, stdioBinding} from '../../../support/open-channel.ts'
import {idsSeen, linesSeen} from '../stdio/supervised.ts'

const SERVER = fileURLToPath(new URL('../../../support/servers/stdio-server.mjs', import.meta.url))
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function open(flags: string[] = [], more: Partial<Parameters<typeof openChannels>[0]> = {}): Promise<Opened> {
  const opened = openChannels({bindings: [stdioBinding([process.execPath, SERVER, ...flags])], ...more})
  closers.push(opened.close)
  await opened.channel.start()
  return opened
}

const request = (id: string | number, method: string, params: object = {}): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`
const INITIALIZE = request('i', 'initialize', {protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {}})
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
const pidOf = ({channel}: Opened): number => Number(channel.status().details.find(({key}) => key === 'pid')?.value)
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const resultOf = async (opened: Opened, message: string): Promise<Record<string, never>> =>
  JSON.parse((await call(opened.channel, message)).response!).result

describe('bytes', () => {
  it.each(['9007199254740993', '"9007199254740993"', '18446744073709551616', '1.0', '"a\\u0062\\n"', '-0'])(
    'cross unchanged but for the id, which comes back as %s',
    async (id) => {
      const opened = await open()
      const params = String.raw`{"a":9007199254740993,"b":1.0,  "c":"\u2028 ${'\u2028'}","d":[1e3 ,2],"x":{"_meta":{"progressToken":1}}}`
      const {response} = await call(
        opened.channel,
        `{"jsonrpc":"2.0", "x-unknown":1.0,"id" : ${id},"method":"raw","params":${params}}`,
      )
      expect(response).toBe(`{"jsonrpc":"2.0","id":${id},"result":${params}}`)
      const {lines} = (await resultOf(opened, request(1, 'seen'))) as unknown as {lines: string[]}
      const line = Buffer.from(lines[0]!, 'base64').toString()
      expect(line).toMatch(/^\{"jsonrpc":"2\.0", "x-unknown":1\.0,"id" : \d+,"method":"raw","params":/)
    },
  )

  it('lose their line breaks between tokens, and cannot smuggle a line in', async () => {
    const opened = await open()
    const long = 'x'.repeat(100)
    const evil = `{"jsonrpc":"2.0",\r\n"id":1,\n"method":"raw","params":{"a":\n1,"s":"${long}\n{\\"jsonrpc\\":\\"2.0\\",\\"id\\":7,\\"method\\":\\"crash\\"}\n"}}`
    await call(opened.channel, evil)
    const {lines} = (await resultOf(opened, request(1, 'seen'))) as unknown as {lines: string[]}
    expect(lines).toHaveLength(2)
    expect(Buffer.from(lines[0]!, 'base64').toString()).toMatch(
      /^\{"jsonrpc":"2\.0", {2}"id":\d+, "method":"raw","params":\{"a": 1,/,
    )
  })

  it('may be many: a line of 100 MB comes back', async () => {
    const opened = await open()
    const {response} = await call(opened.channel, request(1, 'big', {bytes: 100_000_000}))
    expect(response).toHaveLength(100_000_000 + '{"jsonrpc":"2.0","id":1,"result":{"data":""}}'.length)
  }, 60_000)

  it.each(['first', 'last'])(
    'may be too many: that call fails, the others and the server go on (its id comes %s)',
    async (id) => {
      const opened = await open()
      const pid = pidOf(opened)
      const slow = start(opened.channel, request(2, 'silent'))
      const {failure, settled} = await call(opened.channel, request(1, 'huge', {bytes: 270 * 1024 * 1024, id}))
      expect([failure, settled]).toMatchObject([{failure: 'too_large', status: 502}, 1])
      expect((await call(opened.channel, request(3, 'ping'))).response).toBe('{"jsonrpc":"2.0","id":3,"result":{}}')
      expect(pidOf(opened)).toBe(pid)
      slow.handle.cancel('shutdown')
    },
    60_000,
  )

  it('may be many on the way down as well', async () => {
    const opened = await open()
    const data = 'é'.repeat(5_000_000)
    const {response} = await call(opened.channel, request(1, 'raw', {data}))
    expect(JSON.parse(response!).result.data).toBe(data)
  })
})

describe('callers', () => {
  it('with the same id and progress token at the same time get their own answers and notifications', async () => {
    const {channel} = await open()
    const message = (count: number): string => request(1, 'progress', {count, _meta: {progressToken: 1}})
    const outcomes = await Promise.all(
      Array.from({length: 20}, (_, n) => call(channel, message(n), ['Mcp-Session-Id', `s${n % 3}`])),
    )
    for (const [n, {response, notifications, settled}] of outcomes.entries()) {
      expect(notifications.map((note) => JSON.parse(note).params)).toEqual(
        Array.from({length: n}, (_, i) => ({progressToken: 1, progress: i + 1})),
      )
      expect([response, settled]).toEqual(['{"jsonrpc":"2.0","id":1,"result":{}}', 1])
    }
  })

  it('do not wait for each other', async () => {
    const {channel} = await open()
    const slow = start(channel, request(1, 'silent'))
    const quick = await Promise.all([5, 1, 3].map((ms) => call(channel, request(1, 'delay', {ms}))))
    expect(quick.map(({response}) => JSON.parse(response!).result.ms)).toEqual([5, 1, 3])
    slow.handle.cancel('shutdown')
  })

  it('get back what progress tokens they sent: strings, huge numbers', async () => {
    const {channel} = await open()
    for (const token of ['"a\\u0062"', '9007199254740993']) {
      const message = `{"jsonrpc":"2.0","id":1,"method":"progress","params":{"count":1,"_meta":{"progressToken":${token}}}}`
      const {notifications} = await call(channel, message)
      expect(notifications).toEqual([
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`,
      ])
    }
  })

  it('get the subscription id that is their request id', async () => {
    const {channel} = await open()
    const {notifications, response} = await call(channel, request('sub', 'subscriptions/listen'))
    const meta = {'io.modelcontextprotocol/subscriptionId': 'sub'}
    expect(JSON.parse(notifications[0]!).params._meta).toEqual(meta)
    expect(JSON.parse(response!)).toMatchObject({id: 'sub', result: {_meta: meta}})
  })

  it('get what carries no id only when nobody else can be meant', async () => {
    const {channel} = await open()
    const note = request(1, 'note', {method: 'notifications/message'})
    expect((await call(channel, note)).notifications).toHaveLength(1)
    const other = start(channel, request(1, 'silent'), ['Mcp-Session-Id', 'other'])
    expect((await call(channel, note)).notifications).toEqual([])
    const changed = request(1, 'note', {method: 'notifications/tools/list_changed'})
    expect((await call(channel, changed)).notifications).toHaveLength(1)
    expect(other.notifications).toHaveLength(1)
    other.handle.cancel('deadline')
    // The server may still work for the one who left: what it says now may be meant for him.
    expect((await call(channel, note)).notifications).toEqual([])
  })
})

it('reads no further while a caller cannot keep up and nobody else waits, and loses nothing', async () => {
  const {channel} = await open()
  await call(channel, request(0, 'ping'))
  const running = start(channel, request(1, 'progress', {count: 20_000, _meta: {progressToken: 1}}))
  // Before anything of it can have come: later, a single turn of a busy machine may bring all.
  running.handle.pause()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(running.notifications.length).toBeLessThan(20_000)
  running.handle.resume()
  const {notifications, response} = await running.done
  expect(notifications.map((note) => JSON.parse(note).params.progress)).toEqual(
    Array.from({length: 20_000}, (_, i) => i + 1),
  )
  expect(response).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
})

it('does not leave the others waiting for a caller that cannot keep up', async () => {
  const {channel} = await open()
  const slow = start(channel, request(1, 'progress', {count: 20_000, _meta: {progressToken: 1}}))
  await eventually('the first notification', () => slow.notifications.length > 0)
  slow.handle.pause()
  const {response} = await call(channel, request(2, 'raw', {b: 2}))
  expect(response).toContain('{"b":2}')
  slow.handle.cancel('shutdown')
})

it('answers what a crashed server had said while it was not read', async () => {
  const {channel} = await open()
  const slow = start(channel, request(1, 'progress', {count: 100, _meta: {progressToken: 1}}))
  slow.handle.pause()
  start(channel, request(2, 'crash'))
  const {notifications, response, failure} = await slow.done
  expect([notifications.length, response, failure]).toEqual([100, '{"jsonrpc":"2.0","id":1,"result":{}}', undefined])
})

describe('cancellation', () => {
  it('by deadline tells the server with its own id, and drops the late answer', async () => {
    const opened = await open()
    const slow = start(opened.channel, request('mine', 'silent'))
    await call(opened.channel, request(1, 'ping'))
    slow.handle.cancel('deadline')
    expect(await resultOf(opened, request(2, 'cancelled'))).toEqual({ids: await idsSeen(opened, 'silent')})
    const late = start(opened.channel, request('late', 'delay', {ms: 50}))
    late.handle.cancel('deadline')
    await call(opened.channel, request(3, 'delay', {ms: 100}))
    await expect(Promise.race([late.done, Promise.resolve('silent')])).resolves.toBe('silent')
  })

  it('by the caller finds his call among those with the same id', async () => {
    const opened = await open()
    const mine = start(opened.channel, request(1, 'silent'), ['Mcp-Session-Id', 'a'])
    const theirs = start(opened.channel, request(1, 'silent'), ['Mcp-Session-Id', 'b'])
    const cancel = (id: string) =>
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"x"}}`
    expect((await call(opened.channel, cancel('1'), ['Mcp-Session-Id', 'b'])).accepted).toEqual({
      status: 0,
      headers: [],
    })
    expect((await call(opened.channel, cancel('"1"'), ['Mcp-Session-Id', 'a'])).accepted).toBeDefined()
    const [first, second] = await idsSeen(opened, 'silent')
    expect(await resultOf(opened, request(2, 'cancelled'))).toEqual({ids: [second]})
    // Told once is enough.
    theirs.handle.cancel('caller')
    mine.handle.cancel('caller')
    expect(await resultOf(opened, request(3, 'cancelled'))).toEqual({ids: [second, first]})
  })

  it('of an ambiguous id is acknowledged and not guessed', async () => {
    const opened = await open()
    const both = [start(opened.channel, request(1, 'silent')), start(opened.channel, request(1, 'silent'))]
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'
    expect((await call(opened.channel, cancel)).accepted).toBeDefined()
    expect(await resultOf(opened, request(2, 'cancelled'))).toEqual({ids: []})
    for (const {handle} of both) handle.cancel('shutdown')
  })
})

it('answers ping of the server, refuses its other requests, and the call goes on', async () => {
  const opened = await open()
  expect(await resultOf(opened, request(1, 'ask', {method: 'ping'}))).toMatchObject({result: {}})
  expect(await resultOf(opened, request(1, 'ask', {method: 'roots/list'}))).toMatchObject({error: {code: -32601}})
})

it('keeps the requests of other callers out of the first handshake', async () => {
  const {channel} = await open(['--strict'])
  // The two seconds that a handshake may take are not for starting the program.
  await call(channel, request(0, 'ping'))
  const first = await call(channel, INITIALIZE)
  expect(JSON.parse(first.response!).id).toBe('i')
  const early = start(channel, request(1, 'raw'))
  await call(channel, request(2, 'ping'))
  await call(channel, INITIALIZED)
  expect(JSON.parse((await early.done).response!)).toHaveProperty('result')
})

it('completes a first handshake whose caller sends no initialized, after two seconds', async () => {
  const {channel} = await open(['--strict'])
  await call(channel, INITIALIZE)
  expect(JSON.parse((await call(channel, request(1, 'raw'))).response!)).toHaveProperty('result')
})

// --strict refuses requests after a later initialize, too, as Python SDK 1.9 and 1.16 do.
it('holds nobody up during a later handshake, and a strict server refuses nothing', async () => {
  const opened = await open(['--strict'])
  await call(opened.channel, INITIALIZE)
  await call(opened.channel, INITIALIZED)
  const handshakes = Array.from({length: 16}, () => call(opened.channel, INITIALIZE))
  const from = performance.now()
  const others = await Promise.all(Array.from({length: 16}, (_, n) => call(opened.channel, request(n, 'raw', {n}))))
  expect(others.map(({response}) => JSON.parse(response!).result)).toEqual(others.map((_, n) => ({n})))
  await Promise.all(handshakes)
  // None of them has sent its initialized yet.
  expect(performance.now() - from).toBeLessThan(1900)
  for (let n = 0; n < 16; n++) expect((await call(opened.channel, INITIALIZED)).accepted).toBeDefined()
  const methods = (await linesSeen(opened)).map(({method}) => method)
  expect(methods.filter((method) => method === 'initialize')).toHaveLength(17)
  expect(methods.filter((method) => method === 'notifications/initialized')).toHaveLength(17)
})

it.each(['empty', 'cut'])('fails a call at once whose answer is broken: %s', async (how) => {
  const {channel} = await open()
  const {failure, settled} = await call(channel, request(1, 'broken', {how}))
  expect([failure?.failure, settled]).toEqual(['mcp_not_json', 1])
  expect((await call(channel, request(2, 'raw', {a: 1}))).response).toBe('{"jsonrpc":"2.0","id":2,"result":{"a":1}}')
})

it('stays responsive while a program floods its output', async () => {
  const opened = openChannels({bindings: [stdioBinding(['yes'])]})
  closers.push(opened.close)
  await opened.channel.start()
  await eventually('the flood', () => opened.records.some(({message}) => message.includes('no JSON-RPC messages')))
  // Where everything is read as it comes, no timer is ever served again.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
})

/** One who floods would have to wait as long as this took. */
const BUSY_MS = 2000
it('reads on after a busy moment: only who floods is made to wait', async () => {
  const {channel} = await open()
  await call(channel, request(0, 'ping'))
  const later = call(channel, request(2, 'delay', {ms: 100}))
  await new Promise<void>((resolve) => {
    const message = readRpcMessage(Buffer.from(request(1, 'delay', {ms: 1})))
    const busy = (): void => {
      const until = performance.now() + BUSY_MS
      while (performance.now() < until);
      resolve()
    }
    const sink = {onNotification() {}, onAccepted() {}, onFailure() {}, onResponse: busy}
    channel.send({requestId: 'r', message, headers: [], deadline: null}, sink)
  })
  const still = new Promise((resolve) => setTimeout(resolve, BUSY_MS * 0.9, 'waiting'))
  expect(await Promise.race([later, still])).toMatchObject({response: expect.any(String)})
})

it('ignores a banner and garbage, and says so once', async () => {
  const {channel, records} = await open(['--banner'])
  for (let i = 0; i < 3; i++) {
    const {response} = await call(channel, request(i, 'garbage', {text: 'oh\u0000 no'}))
    expect(JSON.parse(response!).result).toEqual({})
  }
  const warned = records.filter(({level}) => level === 'warn')
  expect(warned).toMatchObject([{attrs: {sample: JSON.stringify('Welcome to the server!')}}])
})

it('keeps our keys from the server, and names them in the log', async () => {
  const env = {...process.env, CONTROL_PLANE_API_KEY: 'sk-1', OPENAI_ADMIN_KEY: 'sk-2', TEAM_KEY: 'sk-3', KEPT: 'x'}
  const opened = await open([], {env, secretVariables: ['TEAM_KEY']})
  const {names} = (await resultOf(opened, request(1, 'env'))) as unknown as {names: string[]}
  expect(names).toContain('KEPT')
  for (const name of ['CONTROL_PLANE_API_KEY', 'OPENAI_ADMIN_KEY', 'TEAM_KEY']) expect(names).not.toContain(name)
  const said = JSON.stringify(opened.records)
  expect(said).toContain('TEAM_KEY')
  expect(said).not.toContain('sk-3')
})

it('passes stderr on and keeps its end', async () => {
  const written: Buffer[] = []
  const opened = await open([], {stderr: {write: (chunk: Buffer) => written.push(chunk)}})
  await eventually('stderr', () => Buffer.concat(written).toString() === 'server is up\n')
  expect(opened.channel.status().details).toContainEqual({key: 'stderr', value: 'server is up'})
})

it('does not start what cannot be started', async () => {
  const cases = ['no-such-program-at-all', '/nowhere/at/all', '/etc/passwd', '/tmp']
  for (const program of cases) {
    const {channel} = openChannels({bindings: [stdioBinding([program])]})
    await expect(channel.start(), program).rejects.toMatchObject({
      code: 'TC-CHANNEL-PROGRAM',
      message: expect.stringContaining(program),
      next: [expect.stringContaining('--mcp.command')],
    })
  }
})

it('says where a command was written for a shell, or for Windows', async () => {
  for (const [command, hint] of [
    [String.raw`C:\srv\server.exe`, 'single quotes'],
    ['cd /srv && ./server', 'sh -c'],
  ] as const) {
    const argv = splitArgv(command)
    if (!argv.ok) throw new Error(argv.problem)
    const {channel} = openChannels({bindings: [{...stdioBinding(argv.argv), command}]})
    await expect(channel.start(), command).rejects.toMatchObject({next: [expect.stringContaining(hint)]})
  }
})

it('has no sessions to end', async () => {
  const {channel} = await open()
  expect(await channel.terminateSession([], null)).toEqual({status: 405, headers: []})
})

describe('stopping', () => {
  it('ends a server that ignores EOF and SIGTERM, and what it has started', async () => {
    const opened = await open(['--ignore-sigterm', '--grandchild'])
    const {own, grandchild} = (await resultOf(opened, request(1, 'pids'))) as unknown as {
      own: number
      grandchild: number
    }
    const pending = start(opened.channel, request(2, 'silent'))
    await opened.channel.stop()
    expect((await pending.done).failure).toMatchObject({status: 503, failure: 'draining'})
    await eventually('both processes to be gone', () => !alive(own) && !alive(grandchild))
    expect((await call(opened.channel, request(3, 'ping'))).failure).toMatchObject({status: 503})
  })

  it('ends a server that does not read', async () => {
    const opened = await open(['--never-read'])
    const pid = pidOf(opened)
    const pending = start(opened.channel, request(1, 'raw', {data: 'x'.repeat(1_000_000)}))
    await opened.channel.stop()
    expect((await pending.done).settled).toBe(1)
    expect(alive(pid)).toBe(false)
  })
})

it('starts one process for a channel', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tc-stdio-'))
  closers.push(() => rm(folder, {recursive: true}))
  const opened = await open(['--count', join(folder, 'starts')])
  await call(opened.channel, request(1, 'ping'))
  await opened.channel.probe()
  expect(await readFile(join(folder, 'starts'), 'utf8')).toBe(`${pidOf(opened)}\n`)
})
