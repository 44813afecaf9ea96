import {setTimeout as delay} from 'node:timers/promises'
import {beforeEach, describe, expect, test} from 'vitest'
import {createHttpDoor, systemClock} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {destinationTo, failureOf, GET, hearing, noSocketsLeft, ok, onRequests, rawServer} from './raw-server.ts'

beforeEach(noSocketsLeft)

describe('a reply', () => {
  test('arrives with its headers as they were written, repeated ones too', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () =>
        socket.write(ok('hello', 'X-One: 1\r\nset-cookie: a\r\nSET-COOKIE: b\r\nX-Odd: \xe4\r\n')),
      ),
    )
    const reply = await destinationTo(origin).fetch(GET)
    expect(reply.status).toBe(200)
    expect(reply.body.toString()).toBe('hello')
    expect(reply.headers.slice(0, 7)).toEqual(['X-One', '1', 'set-cookie', 'a', 'SET-COOKIE', 'b', 'X-Odd'])
  })

  test('with interim 102 first: the interim is told, the receipt time is that of the final headers', async () => {
    let answer = (): void => {}
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () => {
        socket.write('HTTP/1.1 102 Processing\r\n\r\n')
        answer = () => socket.write(ok('late'))
      }),
    )
    let interimAt = 0
    const reply = await destinationTo(origin).fetch(GET, {
      onInterim(status) {
        expect(status).toBe(102)
        interimAt = systemClock.now()
        setTimeout(answer, 300)
      },
    })
    expect(reply.status).toBe(200)
    expect(reply.receivedAt - interimAt).toBeGreaterThan(200)
  })

  test('is told in order, and onSent comes before any of it', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () => {
        socket.write('HTTP/1.1 102 Processing\r\n\r\n')
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
        socket.write(ok('body'))
      }),
    )
    const heard = hearing()
    destinationTo(origin).stream(GET, heard.sink)
    expect(await heard.ended).toBeNull()
    expect(heard.events).toEqual(['sent', 'interim 102', 'interim 103', 'head 200', 'data', 'end'])
  })

  test.each([
    ['GET', undefined],
    ['POST', Buffer.from('{}')],
    ['POST', Buffer.alloc(8 * 1024 * 1024, 'x')],
  ])('to a %s is read behind a continue that nobody asked for, on a connection that stays', async (method, body) => {
    const INTERIM = 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n'
    const {origin, accepted} = await rawServer((socket) => {
      socket.once('data', () => socket.write(INTERIM))
      onRequests(socket, (_head, _body, nth) => {
        if (nth > 1) socket.write(INTERIM)
        socket.write(`${INTERIM}HTTP/1.1 102 Processing\r\n\r\n${ok('fine')}`)
      })
    })
    const destination = destinationTo(origin)
    for (let round = 1; round <= 3; round += 1) {
      const heard = hearing()
      destination.stream({method, path: '/', headers: [], ...(body && {body})}, heard.sink)
      expect(await heard.ended).toBeNull()
      expect(heard.events.filter((event) => event !== 'sent')).toEqual(['interim 102', 'head 200', 'data', 'end'])
      expect(heard.body().toString()).toBe('fine')
    }
    expect(accepted()).toBe(1)
  })

  test('that redirects is handed over, not followed', async () => {
    const {origin, accepted} = await rawServer((socket) =>
      onRequests(socket, () =>
        socket.write('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
      ),
    )
    expect((await destinationTo(origin).fetch(GET)).status).toBe(302)
    expect(accepted()).toBe(1)
  })

  test('of 20 MiB arrives whole, also through a sink that pauses after every piece', async () => {
    const sent = Buffer.alloc(20 * 1024 * 1024, 'abcdefg')
    const {origin} = await rawServer((socket) => onRequests(socket, () => socket.write(ok(sent))))
    const destination = destinationTo(origin)
    expect((await destination.fetch(GET)).body.equals(sent)).toBe(true)

    let afterPause = 0
    let paused = false
    const heard = hearing({
      onData() {
        if (paused) afterPause += 1
        paused = true
        handle.pause()
        setImmediate(() => {
          paused = false
          handle.resume()
        })
      },
    })
    const handle = destination.stream(GET, heard.sink)
    expect(await heard.ended).toBeNull()
    expect(heard.body().equals(sent)).toBe(true)
    expect(afterPause).toBe(0)
  })

  test('goes on when it is resumed from within the reply of another server', async () => {
    const sent = Buffer.alloc(2 * 1024 * 1024, 'abcdefg')
    const big = await rawServer((socket) => onRequests(socket, () => socket.write(ok(sent))))
    const small = await rawServer((socket) => onRequests(socket, () => socket.write(ok('x'))))
    const other = destinationTo(small.origin)
    const heard = hearing({
      onData() {
        handle.pause()
        other.stream(GET, {onHead() {}, onData: () => handle.resume(), onEnd() {}, onFailure() {}})
      },
    })
    const handle = destinationTo(big.origin).stream(GET, heard.sink)
    expect(await heard.ended).toBeNull()
    expect(heard.body().equals(sent)).toBe(true)
  })

  test('larger than the bound is refused and its connection given up', async () => {
    const {origin, open} = await rawServer((socket) =>
      onRequests(socket, () => socket.write(ok(Buffer.alloc(200_000)))),
    )
    const failure = await failureOf(destinationTo(origin).fetch(GET, {maxBytes: 100_000}))
    expect(failure.failure).toBe('too_large')
    await eventually('connection closed', () => open() === 0)
  })
})

describe('a request', () => {
  test('carries its headers in order and spelling, and a body of several buffers with a content-length', async () => {
    const seen: {head: string; body: Buffer}[] = []
    const {origin} = await rawServer((socket) =>
      onRequests(socket, (head, body) => {
        seen.push({head, body: Buffer.from(body)})
        socket.write(ok(''))
      }),
    )
    const destination = destinationTo(origin)
    const headers = ['X-B', '2', 'x-a', '1', 'X-B', '3']
    const small = [Buffer.from('ab'), Buffer.from('cd')]
    const large = [Buffer.alloc(300_000, 'x'), Buffer.from('end')]
    await destination.fetch({method: 'POST', path: '/p?q=1', headers, body: small})
    await destination.fetch({method: 'POST', path: '/p', headers, body: large})
    expect(seen[0]!.head.split('\r\n')[0]).toBe('POST /p?q=1 HTTP/1.1')
    for (const {head} of seen) expect(head).toMatch(/X-B: 2\r\nx-a: 1\r\nX-B: 3/)
    expect(seen[0]!.body.toString()).toBe('abcd')
    expect(seen[1]!.head).toMatch(/^content-length: 300003$/m)
    expect(seen[1]!.head).not.toMatch(/chunked/i)
    expect(seen[1]!.body.equals(Buffer.concat(large))).toBe(true)
  })

  test('that cannot be written as HTTP fails unsent and costs no connection', async () => {
    const {origin, accepted} = await rawServer((socket) => onRequests(socket, () => socket.write(ok('fine'))))
    const destination = destinationTo(origin)
    await destination.fetch(GET)
    for (const request of [
      {...GET, headers: ['bad name', 'x']},
      {...GET, headers: ['x', 'line\nbreak']},
      {...GET, path: '/white space'},
    ]) {
      const failure = await failureOf(destination.fetch(request))
      expect([failure.failure, failure.unsent]).toEqual(['invalid_request', true])
    }
    expect((await destination.fetch(GET)).body.toString()).toBe('fine')
    expect(accepted()).toBe(1)
  })
})

describe('connections', () => {
  test('are reused: 200 requests, eight at a time, over eight connections', async () => {
    const {origin, accepted} = await rawServer((socket) => onRequests(socket, () => socket.write(ok('x'.repeat(5000)))))
    const destination = destinationTo(origin)
    let left = 200
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        await destination.fetch({...GET, method: 'POST', body: Buffer.from('{}')})
      }
    }
    await Promise.all(Array.from({length: 8}, lane))
    expect(accepted()).toBe(8)
  })

  test('never exceed their limit; what waits is served in order', async () => {
    const order: string[] = []
    const {origin, accepted} = await rawServer((socket) =>
      onRequests(socket, (head) => {
        order.push(head.split(' ')[1]!)
        setImmediate(() => socket.write(ok('')))
      }),
    )
    const destination = destinationTo(origin, {connections: 1})
    const paths = Array.from({length: 20}, (_, at) => `/${at}`)
    await Promise.all(paths.map((path) => destination.fetch({...GET, path})))
    expect(accepted()).toBe(1)
    expect(order).toEqual(paths)
  })

  test('a waiting request can be aborted, and one that fails makes room', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, (head) =>
        head.includes('/cut') ? socket.destroy() : head.includes('/hang') ? null : socket.write(ok('')),
      ),
    )
    const destination = destinationTo(origin, {connections: 1})
    const hanging = hearing()
    const handle = destination.stream({...GET, path: '/hang'}, hanging.sink)
    const waiting = hearing()
    destination.stream({...GET, path: '/waits'}, waiting.sink).abort()
    expect((await waiting.ended)?.failure).toBe('canceled')
    expect((await waiting.ended)?.unsent).toBe(true)
    const cut = failureOf(destination.fetch({...GET, path: '/cut'}))
    const last = destination.fetch({...GET, path: '/last'})
    handle.abort()
    expect((await cut).failure).toBe('closed')
    expect((await last).status).toBe(200)
  })

  test('are given up before the server does what its Keep-Alive field announces', async () => {
    const {origin, open, accepted} = await rawServer((socket) =>
      onRequests(socket, () => socket.write(ok('', 'Keep-Alive: timeout=4\r\n'))),
    )
    const destination = destinationTo(origin)
    await destination.fetch(GET)
    await destination.fetch(GET)
    expect(accepted()).toBe(1)
    await eventually('closed by the client', () => open() === 0)
  })

  test('are not used when a server that stands still for a moment would have hung up before it reads', async () => {
    const {origin, accepted} = await rawServer((socket) =>
      onRequests(socket, () => socket.write(ok('', 'Keep-Alive: timeout=3\r\n'))),
    )
    const destination = destinationTo(origin)
    await destination.fetch(GET)
    await delay(1500)
    await destination.fetch(GET)
    expect(accepted()).toBe(2)
  })

  test('close ends everything: open requests hear canceled, later ones are refused', async () => {
    const {origin, open} = await rawServer((socket) => onRequests(socket, () => {}))
    const door = createHttpDoor()
    const destination = door.destination({name: 'test', origin, connections: 2})
    const all = Array.from({length: 5}, () => hearing())
    for (const {sink} of all) destination.stream(GET, sink)
    await eventually('two connections', () => open() === 2)
    await door.close()
    for (const {ended} of all) expect((await ended)?.failure).toBe('canceled')
    await eventually('no connection', () => open() === 0)
    expect((await failureOf(destination.fetch(GET))).failure).toBe('canceled')
  })
})

test('the trace tells every rung of a connection, and what HTTP said', async () => {
  const {origin, port} = await rawServer((socket) => onRequests(socket, () => socket.write(ok(''))))
  const destination = destinationTo(`http://localhost:${port}`)
  expect(destination.trace()).toEqual([])
  await destination.fetch(GET)
  expect(destination.trace().map(({rung, ok: fine}) => [rung, fine])).toEqual([
    ['route', true],
    ['resolve', true],
    ['connect', true],
    ['http', true],
  ])
  expect(destination.trace().at(-1)?.detail).toBe('status 200')
  expect(origin.port).toBe(String(port))
})
