// Payloads are sacred: what a raw client sends is what the server gets, and the other way round, to the byte. Every
// exchange is made twice, at the server itself and through the tunnel; only what the framing adds is taken off first.

import {type ChildProcess, spawn} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {rawHttp} from '../support/raw-http.ts'
import {close, listen} from '../support/servers/loopback.ts'
import {EXCHANGES, type Exchange, eventData, LARGE_ANSWER} from './bytes/messages.ts'
import {type ServiceProcess, Tunnel} from './tunnel.ts'

const ACCEPT = {'Content-Type': 'application/json', Accept: 'application/json, text/event-stream'}

/** What the server got and what the caller got, without framing. */
interface Passed {
  readonly got: string
  readonly answers: readonly string[]
}

describe('over HTTP', () => {
  const tunnel = new Tunnel()
  const seen: Buffer[] = []
  let service: ServiceProcess
  let server: Server
  let direct = ''
  let reply: {readonly type: string; readonly body: string} = {type: 'application/json', body: ''}

  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const body = Buffer.concat(chunks)
        const handshake = /"id":("[^"]*"|\d+),"method":"initialize"|"method":"initialize".*"id":("[^"]*"|\d+)/.exec(
          `${body}`,
        )
        const notification = body.includes('"method":"notifications/')
        if (handshake || notification || incoming.method !== 'POST') {
          const hello = `{"jsonrpc":"2.0","id":${handshake?.[1] ?? handshake?.[2]},"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"raw","version":"0"}}}`
          if (handshake) outgoing.writeHead(200, {'content-type': 'application/json'}).end(hello)
          else outgoing.writeHead(notification ? 202 : 405).end()
          return
        }
        seen.push(body)
        outgoing.writeHead(200, {'content-type': reply.type}).end(reply.body)
      })
    })
    direct = `http://127.0.0.1:${await listen(server)}/mcp`
    service = await tunnel.service()
    const daemon = await tunnel.daemon(service, {http: direct})
    await daemon.ready()
  })
  afterAll(async () => {
    await tunnel.stop()
    await close(server)
  })

  const pass = async (url: string, request: string): Promise<Passed> => {
    seen.length = 0
    const {status, headers, body} = await rawHttp({url, headers: ACCEPT, body: request})
    expect(status).toBe(200)
    expect(seen).toHaveLength(1)
    const text = body.toString()
    const isStream = headers['content-type']?.startsWith('text/event-stream')
    return {got: String(seen[0]), answers: isStream ? eventData(text) : [text]}
  }

  const compare = async (request: string, type: string, body: string, answers: readonly string[]): Promise<void> => {
    reply = {type, body}
    const alone = await pass(direct, request)
    const through = await pass(service.mcpUrl, request)
    expect(alone, 'the server itself').toEqual({got: request, answers})
    expect(through.got === alone.got, 'the request arrives as it was sent').toBe(true)
    expect(through.answers.map(abridged)).toEqual(alone.answers.map(abridged))
    expect(through.answers).toHaveLength(alone.answers.length)
    for (const [n, answer] of through.answers.entries()) {
      expect(answer === alone.answers[n], 'the answer arrives as it was sent').toBe(true)
    }
  }

  test.each(EXCHANGES)('$name, answered as JSON', async ({id, request, answer}) => {
    await compare(request(id), 'application/json', answer(id), [answer(id)])
  })

  test.each(EXCHANGES)('$name, answered as an event', async ({id, request, answer}) => {
    await compare(request(id), 'text/event-stream', `event: message\ndata: ${answer(id)}\n\n`, [answer(id)])
  })

  test('line breaks between tokens, in the request and in an event of several lines', async () => {
    const request = '{\r\n "jsonrpc":"2.0",\n\t"id":1,\n"method":"tools/call","params":{"a":"\\n"}\r\n}'
    const lines = ['{"jsonrpc":"2.0",', '  "id":1,', '"result":{ "a" :1.0}', '}']
    const body = `data: ${lines.join('\ndata: ')}\n\n`
    await compare(request, 'text/event-stream', body, [lines.join('\n')])
    await compare(request, 'application/json', lines.join('\r\n'), [lines.join('\r\n')])
  })

  test('notifications before an answer, one event each', async () => {
    const token = String.raw`"\u0074ok"`
    const request = `{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"name":"x","_meta":{"progressToken":${token}}}}`
    const progress = [1, 2, 3].map(
      (n) =>
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${n}.0,"x":9007199254740993}}`,
    )
    const messages = [...progress, '{"jsonrpc":"2.0","id":1.0,"result":{"done":1.0}}']
    const body = messages.map((message) => `data:${message}\n\n`).join('')
    await compare(request, 'text/event-stream', `: hello\n\n${body}`, messages)
  })

  test.each(['application/json', 'text/event-stream'])(
    'an answer of 10 MiB as %s',
    async (type) => {
      const {id, request, answer} = LARGE_ANSWER
      const text = answer(id)
      expect(text.length).toBeGreaterThan(8_000_000)
      await compare(request(id), type, type === 'application/json' ? text : `data: ${text}\n\n`, [text])
    },
    60_000,
  )

  test('a request of 10 MiB', async () => {
    const {answer} = LARGE_ANSWER
    const request = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${answer('1')}}`
    const small = '{"jsonrpc":"2.0","id":1,"result":{}}'
    await compare(request, 'application/json', small, [small])
  }, 60_000)
})

describe('over stdio', () => {
  const tunnel = new Tunnel()
  const log = tunnel.path('child-saw.log')
  const answers = tunnel.path('answer.json')
  const directLog = tunnel.path('direct-saw.log')
  const program = fileURLToPath(new URL('servers/raw-stdio-server.mjs', import.meta.url))
  let service: ServiceProcess
  let alone: ChildProcess
  let said = ''

  beforeAll(async () => {
    for (const path of [log, directLog]) writeFileSync(path, '')
    writeFileSync(answers, '{"jsonrpc":"2.0","id":@id@,"result":{}}')
    alone = spawn(process.execPath, [program, directLog, answers], {stdio: ['pipe', 'pipe', 'inherit']})
    alone.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    service = await tunnel.service()
    const daemon = await tunnel.daemon(service, {stdio: [process.execPath, program, log, answers]})
    await daemon.ready()
  })
  afterAll(async () => {
    alone.stdin?.end()
    await tunnel.stop()
  })

  /** Lines that are none of the daemon's own questions. */
  const lines = (path: string): string[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('"ping"'))

  const direct = async (request: string): Promise<Passed> => {
    said = ''
    alone.stdin?.write(`${request}\n`)
    await eventually('the answer of the server itself', () => said.endsWith('\n'))
    return {got: lines(directLog).at(-1) ?? '', answers: [said.trimEnd()]}
  }

  const through = async (request: string): Promise<Passed> => {
    const {status, body} = await rawHttp({url: service.mcpUrl, headers: ACCEPT, body: request})
    expect(status).toBe(200)
    return {got: lines(log).at(-1) ?? '', answers: [body.toString()]}
  }

  /** The same, and in between an id of ours in the place of the caller's, and nothing else. */
  const compare = async ({id, request, answer}: Exchange): Promise<void> => {
    writeFileSync(answers, answer('@id@'))
    const one = await direct(request(id))
    expect(one.got === request(id) && one.answers[0] === answer(id), 'the server itself').toBe(true)
    const other = await through(request(id))
    const [before = '', after = ''] = request('@id@').split('@id@')
    const internal = other.got.slice(before.length, other.got.length - after.length)
    expect(internal).toMatch(/^\d+$/)
    expect(other.got === `${before}${internal}${after}`, 'only the id is replaced on the way').toBe(true)
    expect(other.answers.map(abridged)).toEqual(one.answers.map(abridged))
    expect(other.answers[0] === one.answers[0], 'the answer has the id of the caller, and is the same').toBe(true)
  }

  test.each(EXCHANGES)('$name', (exchange) => compare(exchange))

  test('an answer of 10 MiB on one line', () => compare(LARGE_ANSWER), 120_000)

  test('line breaks between tokens become blanks, everything else stays', async () => {
    writeFileSync(answers, '{"jsonrpc":"2.0","id":@id@,"result":{}}')
    const body = '{\r\n "jsonrpc":"2.0",\n\t"id":1,\n"method":"tools/call","params":{"a":"\\n"}\r\n}'
    const {
      got,
      answers: [answer],
    } = await through(body)
    expect(answer).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
    expect(got.replace(/"id":\d+/, '"id":1')).toBe(
      '{   "jsonrpc":"2.0", \t"id":1, "method":"tools/call","params":{"a":"\\n"}  }',
    )
  })

  test('two callers with the same id and the same progress token get their own answers and notifications', async () => {
    const call = (who: string): string =>
      `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"pair":1,"_meta":{"progressToken":1},"answer":"${Buffer.from(
        `{"for":"${who}"}`,
      ).toString('base64')}"}}`
    const [ann, bob] = await Promise.all(
      ['ann', 'bob'].map((who) => rawHttp({url: service.mcpUrl, headers: ACCEPT, body: call(who)})),
    )
    for (const [reply, who, other] of [
      [ann, 'ann', 'bob'],
      [bob, 'bob', 'ann'],
    ] as const) {
      const text = reply?.body.toString() ?? ''
      expect(text).toContain(`{"jsonrpc":"2.0","id":7,"result":{"for":"${who}"}}`)
      expect(text).toContain(`"progressToken":1,"progress":1,"message":"{\\"for\\":\\"${who}\\"}"`)
      expect(text).not.toContain(other)
    }
  })
})

/** For messages of failed assertions: nobody reads 10 MiB. */
const abridged = (text: string): string => (text.length > 2000 ? `${text.slice(0, 300)}…${text.slice(-300)}` : text)
