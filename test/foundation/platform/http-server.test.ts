import {execFileSync} from 'node:child_process'
import {existsSync, statSync, writeFileSync} from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Agent, request} from 'undici'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {
  createHttpServer,
  type HttpExchange,
  type HttpServer,
  type HttpServerOptions,
} from '../../../src/foundation/platform/index.ts'
import {eventually} from '../../support/eventually.ts'

let folder: string
const servers: HttpServer[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-server-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  await rm(folder, {recursive: true})
})

function deferred(): {promise: Promise<void>; resolve: () => void} {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return {promise, resolve}
}

const hello = ({response, params}: HttpExchange): void => {
  response.end(JSON.stringify(params))
}

async function start(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await createHttpServer({
    listen: {host: '127.0.0.1', port: 0},
    routes: [{path: '/a/:x', methods: {GET: hello, POST: hello}}],
    ...options,
  })
  servers.push(server)
  return server
}

async function get(server: HttpServer, path: string, method = 'GET') {
  const origin = server.address.kind === 'tcp' ? server.address.origin : 'http://localhost'
  const dispatcher =
    server.address.kind === 'unix' ? new Agent({connect: {socketPath: server.address.path}}) : undefined
  const reply = await request(origin + path, {method: method as 'GET', ...(dispatcher ? {dispatcher} : {})})
  const text = await reply.body.text()
  await dispatcher?.close()
  return {status: reply.statusCode, headers: reply.headers, text}
}

describe('routes', () => {
  it('decode parameters, ignore a trailing slash, and know their methods', async () => {
    const server = await start()
    expect((await get(server, '/a/b%20c')).text).toBe('{"x":"b c"}')
    expect((await get(server, '/a/b/?q=1', 'POST')).text).toBe('{"x":"b"}')
    for (const method of ['HEAD', 'DELETE', 'PATCH', 'MKCOL']) {
      const {status, headers} = await get(server, '/a/b', method)
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, POST'])
    }
    expect((await get(server, '/b')).status).toBe(404)
    expect((await get(server, '/a/%zz')).status).toBe(404)
  })

  it('hand over whatever body comes, of any type and size', async () => {
    const server = await start({
      routes: [
        {
          path: '/',
          methods: {
            POST: ({request: incoming, response}) => {
              let length = 0
              incoming.on('data', (chunk: Buffer) => {
                length += chunk.length
              })
              incoming.on('end', () => response.end(String(length)))
            },
          },
        },
      ],
    })
    const {origin} = server.address as {origin: string}
    for (const type of ['application/json', 'text/plain', 'nonsense', '']) {
      const reply = await request(origin, {
        method: 'POST',
        body: Buffer.alloc(3_000_000),
        headers: type === '' ? {} : {'content-type': type},
      })
      expect(await reply.body.text()).toBe('3000000')
    }
  })

  it('leave the body to whoever answers paths that nobody serves', async () => {
    const server = await start({
      notFound: async ({request: incoming, response}) => {
        let text = ''
        for await (const chunk of incoming) text += chunk
        response.writeHead(404).end(text)
      },
    })
    const {origin} = server.address as {origin: string}
    for (const type of ['application/json', 'text/plain', 'nonsense']) {
      const body = '{"broken": '
      const reply = await request(`${origin}/nowhere`, {method: 'POST', body, headers: {'content-type': type}})
      expect([type, reply.statusCode, await reply.body.text()]).toEqual([type, 404, body])
    }
  })

  it('that throw or reject answer 500, or what the owner says', async () => {
    const failing = {
      routes: [
        {
          path: '/sync',
          methods: {
            GET: () => {
              throw new Error('x')
            },
          },
        },
        {path: '/async', methods: {GET: () => Promise.reject(new Error('x'))}},
      ],
    }
    for (const path of ['/sync', '/async']) {
      expect((await get(await start(failing), path)).status).toBe(500)
      const own = await start({...failing, onError: (_error, {response}) => response.writeHead(418).end()})
      expect((await get(own, path)).status).toBe(418)
    }
  })
})

it('takes the requests of a connection one after the other, and none of one that is gone', async () => {
  const begun: string[] = []
  const over: string[] = []
  const turns: (() => void)[] = []
  const server = await start({
    routes: [
      {
        path: '/a/:x',
        methods: {
          GET: async ({params, response}) => {
            begun.push(params.x!)
            response.once('close', () => over.push(params.x!))
            await new Promise<void>((done) => turns.push(done))
            response.end(params.x)
          },
        },
      },
    ],
  })
  const socket = connect((server.address as {port: number}).port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  const requestOf = (x: string): string => `GET /a/${x} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  socket.write(['one', 'two', 'three'].map(requestOf).join(''))
  await eventually('the first', () => begun.length > 0)
  expect(begun).toEqual(['one'])
  turns[0]!()
  await eventually('the second', () => begun.length > 1)
  expect(received).toContain('one')
  socket.destroy()
  await eventually('the end of the second', () => over.includes('two'))
  turns[1]!()
  expect((await get(server, '/b')).status).toBe(404)
  expect(begun).toEqual(['one', 'two'])
})

describe('listening', () => {
  it('on a unix socket makes a private file, and takes it away at the end', async () => {
    const unixSocket = join(folder, 'deep', 'a.sock')
    const server = await start({listen: {unixSocket}})
    expect(statSync(unixSocket).mode & 0o777).toBe(0o600)
    expect((await get(server, '/a/b')).status).toBe(200)
    await server.close()
    expect(existsSync(unixSocket)).toBe(false)
  })

  it('replaces a socket that nobody listens at, but neither a live one nor a file', async () => {
    const unixSocket = join(folder, 'a.sock')
    const script = `require('net').createServer().listen(${JSON.stringify(unixSocket)}, () => process.kill(process.pid, 'SIGKILL'))`
    try {
      execFileSync(process.execPath, ['-e', script])
    } catch {}
    expect(existsSync(unixSocket)).toBe(true)
    const server = await start({listen: {unixSocket}})
    await expect(start({listen: {unixSocket}})).rejects.toMatchObject({code: 'TC-LISTEN'})
    expect((await get(server, '/a/b')).status).toBe(200)
    const file = join(folder, 'file')
    writeFileSync(file, 'precious')
    await expect(start({listen: {unixSocket: file}})).rejects.toMatchObject({code: 'TC-LISTEN'})
    expect(await readFile(file, 'utf8')).toBe('precious')
  })

  it('names a busy port and what to do', async () => {
    const busy = createServer()
    const port = await new Promise<number>((resolve) => {
      busy.listen(0, '127.0.0.1', () => resolve((busy.address() as {port: number}).port))
    })
    await expect(start({listen: {host: '127.0.0.1', port}})).rejects.toMatchObject({
      code: 'TC-LISTEN',
      message: `cannot listen on 127.0.0.1:${port}: it is in use`,
    })
    await new Promise((resolve) => busy.close(resolve))
  })

  it('on every address tells an origin that works here', async () => {
    const server = await start({listen: {host: '0.0.0.0', port: 0}})
    expect((await get(server, '/a/b')).status).toBe(200)
  })
})

describe('closing', () => {
  it('lets an answer end within the grace, and cuts it after', async () => {
    for (const [graceMs, ends] of [
      [60_000, true],
      [30, false],
    ] as const) {
      let finish = (): void => {}
      const asked = deferred()
      const server = await start({
        routes: [
          {
            path: '/',
            methods: {
              GET: ({response}) => {
                finish = () => response.end('done')
                asked.resolve()
              },
            },
          },
        ],
      })
      const reply = get(server, '/').then(
        ({text}) => text,
        () => 'cut',
      )
      await asked.promise
      const closed = server.close(graceMs)
      if (ends) finish()
      await closed
      expect(await reply).toBe(ends ? 'done' : 'cut')
    }
  })

  it('does not wait for idle connections', async () => {
    const server = await start()
    const {port} = server.address as {port: number}
    const idle = connect(port, '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    await get(server, '/a/b')
    await server.close(60_000)
    idle.destroy()
  })
})
