// Payloads are sacred: what a raw client sends is what the server gets, and the other way round, to the byte.

import {readFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {rawHttp} from '../support/raw-http.ts'
import {type ServiceProcess, Tunnel} from './tunnel.ts'

// Numbers beyond 2^53 and with a trailing zero, U+2028 raw and escaped, escapes of every kind, odd spacing, unknown members.
const HOSTILE =
  String.raw`{ "big":9007199254740993,"one" :1.0, "exp":1e3,"esc":"\u2028\/\u00e9\ud83d\ude00","raw":"` +
  '\u2028é😀' +
  `"  ,"dup" : 1}`
const ACCEPT = {'Content-Type': 'application/json', Accept: 'application/json, text/event-stream'}
const IDS = [
  '9007199254740993',
  '18446744073709551617',
  '-7',
  '1.5',
  '"a string"',
  String.raw`"\u0061\"quoted"`,
  '"18446744073709551617"',
]

const request = (id: string, more = ''): string =>
  `{"jsonrpc" : "2.0",  "unknown":{"kept":1.0}, "id":${id},"method":"tools/call","params":{"name":"x","arguments":${HOSTILE}${more}} }`

describe('over HTTP', () => {
  const tunnel = new Tunnel()
  const seen: Buffer[] = []
  let service: ServiceProcess
  let server: Server
  let mode: 'json' | 'sse' = 'json'

  beforeAll(async () => {
    server = createServer((incoming, reply) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const body = Buffer.concat(chunks)
        if (body.includes('tools/call')) seen.push(body)
        const id = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)/.exec(body.toString())?.[1]
        if (id === undefined) return reply.writeHead(incoming.method === 'POST' ? 202 : 405).end()
        const answer = response(id)
        if (mode === 'json') return reply.writeHead(200, {'content-type': 'application/json'}).end(answer)
        reply.writeHead(200, {'content-type': 'text/event-stream'}).end(`data: ${answer}\n\n`)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    service = await tunnel.service()
    const {port} = server.address() as AddressInfo
    const daemon = await tunnel.daemon(service, {http: `http://127.0.0.1:${port}/mcp`})
    await daemon.ready()
  })
  afterAll(async () => {
    await tunnel.stop()
    server.closeAllConnections()
    server.close()
  })

  const response = (id: string): string => `{ "jsonrpc":"2.0","extra":1.0,"id":${id} ,"result":${HOSTILE}}`

  test.each(IDS)('request and answer with the id %s arrive unchanged', async (id) => {
    for (mode of ['json', 'sse'] as const) {
      seen.length = 0
      const reply = await rawHttp({url: service.mcpUrl, headers: ACCEPT, body: request(id)})
      expect(seen.map(String)).toEqual([request(id)])
      const body = reply.body.toString()
      expect(body.startsWith('data: ') ? body.slice(6).trim() : body).toBe(response(id))
    }
  })
})

describe('over stdio', () => {
  const tunnel = new Tunnel()
  let service: ServiceProcess
  const log = tunnel.path('child-saw.log')
  beforeAll(async () => {
    service = await tunnel.service()
    const program = fileURLToPath(new URL('servers/raw-stdio-server.mjs', import.meta.url))
    const daemon = await tunnel.daemon(service, {stdio: [process.execPath, program, log]})
    await daemon.ready()
  })
  afterAll(() => tunnel.stop())

  const lines = (): string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('tools/call'))

  test.each(IDS)('only the id of %s is replaced on the way, and it is restored', async (id) => {
    const more = `,"answer":"${Buffer.from(HOSTILE).toString('base64')}"`
    const before = lines().length
    const reply = await rawHttp({url: service.mcpUrl, headers: ACCEPT, body: request(id, more)})
    expect(reply.body.toString()).toBe(`{"jsonrpc":"2.0","id":${id},"result":${HOSTILE}}`)
    const line = lines().at(-1) ?? ''
    expect(lines().length).toBeGreaterThan(before)
    const internal = /"id":(\d+)/.exec(line)?.[1] ?? ''
    expect(line).toBe(request(internal, more))
  })

  test('line breaks between tokens become blanks, everything else stays', async () => {
    const body = '{\r\n "jsonrpc":"2.0",\n\t"id":1,\n"method":"tools/call","params":{"a":"\\n"}\r\n}'
    const reply = await rawHttp({url: service.mcpUrl, headers: ACCEPT, body})
    expect(reply.body.toString()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
    const line = lines().at(-1) ?? ''
    expect(line.replace(/"id":\d+/, '"id":1')).toBe(
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
