import {readFile} from 'node:fs'
import {beforeEach, describe, expect, test} from 'vitest'
import {eventually} from '../../../support/eventually.ts'
import {manualTime} from '../../../support/manual-time.ts'
import {destinationTo, failureOf, GET, hearing, noSocketsLeft, ok, onRequests, rawServer} from './raw-server.ts'

beforeEach(noSocketsLeft)

describe('a broken reply', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['nothing, then closed', '', 'closed'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'closed'],
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'closed'],
    [
      'a body shorter than announced on a closing connection',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc',
      'closed',
    ],
    ['chunks without an end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'closed'],
    [
      'chunks without an end on a closing connection',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'closed',
    ],
    ['an interim reply only', 'HTTP/1.1 102 Processing\r\n\r\n', 'closed'],
    ['an unasked continue only', 'HTTP/1.1 100 Continue\r\n\r\n', 'closed'],
    [
      'another protocol, unasked',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'not_http',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc', 'not_http'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'not_http',
    ],
    ['a status that is none', 'HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n', 'not_http'],
    ['a status line that is none', 'SSH-2.0-OpenSSH_9.2\r\n', 'not_http'],
    ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x46', 'not_http'],
    ['headers of 300 KiB', `HTTP/1.1 200 OK\r\n${`X-Pad: ${'y'.repeat(1000)}\r\n`.repeat(300)}\r\n`, 'too_large'],
  ]
  test.each(cases)('%s', async (_name, bytes, expected) => {
    const {origin} = await rawServer((socket) => onRequests(socket, () => socket.end(Buffer.from(bytes, 'latin1'))))
    const destination = destinationTo(origin)
    const failure = await failureOf(destination.fetch(GET))
    expect(failure.failure).toBe(expected)
    expect(failure.unsent).toBe(false)
    expect(failure.trace.at(-1)).toMatchObject({rung: 'http', ok: false, failure: expected})
    expect(failure.message).toContain(origin.host)
  })

  test('a reset instead of an answer', async () => {
    const {origin} = await rawServer((socket) => onRequests(socket, () => socket.resetAndDestroy()))
    const failure = await failureOf(destinationTo(origin).fetch(GET))
    expect([failure.failure, failure.errno]).toEqual(['closed', 'ECONNRESET'])
  })

  test('headers of 200 KiB are fine', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () => socket.write(ok('', `X-Pad: ${'y'.repeat(1000)}\r\n`.repeat(200)))),
    )
    expect((await destinationTo(origin).fetch(GET)).headers.length).toBeGreaterThan(400)
  })

  test('a body that ends with its connection is complete', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it')),
    )
    const heard = hearing()
    destinationTo(origin).stream(GET, heard.sink)
    expect(await heard.ended).toBeNull()
    expect(heard.body().toString()).toBe('all of it')
  })

  test('says https when the port turns out to speak TLS', async () => {
    const {origin} = await rawServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from('15030100020246', 'hex'))),
    )
    expect((await failureOf(destinationTo(origin).fetch(GET))).message).toContain('write https://')
  })
})

describe('a kept-alive connection that is dead by the time it is used', () => {
  /** Answers the first request of its first connection, takes the second one and hangs up; later connections are fine. */
  const flaky = () => {
    const seen: string[] = []
    return rawServer((socket, connection) =>
      onRequests(socket, (head, _body, nth) => {
        seen.push(head.split(' ')[1]!)
        if (connection === 1 && nth > 1) socket.destroy()
        else socket.write(ok('fine'))
      }),
    ).then((server) => ({...server, seen}))
  }

  test('an idempotent request is sent once more, on a new connection', async () => {
    const {origin, seen, accepted} = await flaky()
    const destination = destinationTo(origin)
    await destination.fetch({...GET, path: '/1'})
    const heard = hearing()
    destination.stream({...GET, path: '/2', idempotent: true}, heard.sink)
    expect(await heard.ended).toBeNull()
    expect(heard.events).toEqual(['sent', 'head 200', 'data', 'end'])
    expect(seen).toEqual(['/1', '/2', '/2'])
    expect(accepted()).toBe(2)
  })

  test('any other request is not: it may have been carried out', async () => {
    const {origin, seen} = await flaky()
    const destination = destinationTo(origin)
    await destination.fetch({...GET, path: '/1'})
    const failure = await failureOf(destination.fetch({...GET, method: 'POST', path: '/2', body: Buffer.from('{}')}))
    expect([failure.failure, failure.unsent]).toEqual(['closed', false])
    expect(seen).toEqual(['/1', '/2'])
  })

  test('twice in a row is a failure, and so is a first connection', async () => {
    const seen: string[] = []
    const {origin} = await rawServer((socket) =>
      onRequests(socket, (head, _body, nth) => {
        const path = head.split(' ')[1]!
        seen.push(path)
        if (path === '/dies') socket.destroy()
        else if (nth === 1) socket.write(ok('fine'))
      }),
    )
    const destination = destinationTo(origin)
    expect((await failureOf(destination.fetch({...GET, path: '/dies', idempotent: true}))).failure).toBe('closed')
    await destination.fetch(GET)
    expect((await failureOf(destination.fetch({...GET, path: '/dies', idempotent: true}))).failure).toBe('closed')
    expect(seen).toEqual(['/dies', '/', '/dies', '/dies'])
  })

  test('one that was read before nobody listened any more may have been carried out', async () => {
    const {origin, server} = await rawServer((socket) =>
      onRequests(socket, (_head, _body, nth) => {
        if (nth === 1) {
          socket.write(ok('fine'))
          return
        }
        server.close()
        socket.destroy()
      }),
    )
    const destination = destinationTo(origin)
    await destination.fetch(GET)
    const failure = await failureOf(destination.fetch({...GET, path: '/2', idempotent: true}))
    expect([failure.failure, failure.unsent]).toEqual(['refused', false])
  })

  test('a byte of an answer forbids the repetition', async () => {
    const {origin, accepted} = await rawServer((socket, connection) =>
      onRequests(socket, (_head, _body, nth) => {
        if (connection === 1 && nth > 1) socket.end('HTTP/1.1 2')
        else socket.write(ok('fine'))
      }),
    )
    const destination = destinationTo(origin)
    await destination.fetch(GET)
    expect((await failureOf(destination.fetch({...GET, idempotent: true}))).failure).toBe('closed')
    expect(accepted()).toBe(1)
  })

  test('closed by the server while idle: the next request just takes a new one, whatever its kind', async () => {
    const {origin, accepted, open} = await rawServer((socket) =>
      onRequests(socket, () => {
        socket.write(ok('fine'))
        setTimeout(() => socket.end(), 20)
      }),
    )
    const destination = destinationTo(origin)
    for (let round = 1; round <= 5; round += 1) {
      expect((await destination.fetch({...GET, method: 'POST', body: Buffer.from('{}')})).status).toBe(200)
      await eventually('closed', () => open() === 0)
      expect(accepted()).toBe(round)
    }
  })
})

describe('a connection that its server closes at the moment when it is used again', () => {
  /** Calls from where sockets are read: everything until the next reading happens as in one moment. */
  const amongReads = (act: () => void): void => readFile(new URL(import.meta.url), act)

  test('costs no call that must not be sent twice', async () => {
    const seen: string[] = []
    let hangUp: () => void = () => {}
    const {origin, accepted} = await rawServer((socket) => {
      hangUp = () => socket.destroy()
      onRequests(socket, (head) => {
        seen.push(head.split(' ')[1]!)
        socket.write(ok('fine'))
      })
    })
    const time = manualTime()
    const destination = destinationTo(origin, {}, {clock: time.clock})
    const post = (path: string) => destination.fetch({...GET, method: 'POST', path, body: Buffer.from('{}')})
    await post('/0')
    for (let round = 1; round <= 5; round += 1) {
      time.advance(5_000)
      const reply = await new Promise((resolve, reject) => {
        amongReads(() => {
          hangUp()
          post(`/${round}`).then(resolve, reject)
        })
      })
      expect(reply).toMatchObject({status: 200})
      expect(accepted()).toBe(round + 1)
    }
    expect(seen).toEqual(['/0', '/1', '/2', '/3', '/4', '/5'])
  })

  test('a call that is given up meanwhile is never sent', async () => {
    const {origin, accepted} = await rawServer((socket) => onRequests(socket, () => socket.write(ok('fine'))))
    const time = manualTime()
    const destination = destinationTo(origin, {}, {clock: time.clock})
    await destination.fetch(GET)
    time.advance(5_000)
    const heard = hearing()
    destination.stream({...GET, method: 'POST'}, heard.sink).abort()
    expect((await heard.ended)?.unsent).toBe(true)
    expect((await destination.fetch(GET)).status).toBe(200)
    expect(heard.events).toEqual(['failure canceled'])
    expect(accepted()).toBe(1)
  })
})

describe('connections that something on the way has forgotten', () => {
  /** Answers on every connection until `forget`; after that only on newer ones. Nobody is told. */
  const forgetful = async () => {
    let forgotten = 0
    const held: (() => void)[] = []
    const server = await rawServer((socket, connection) =>
      onRequests(socket, (head) => {
        if (connection <= forgotten) return
        const answer = () => socket.write(ok('fine'))
        if (head.startsWith('GET /together ')) held.push(answer)
        else answer()
        if (held.length === 3) for (const go of held.splice(0)) go()
      }),
    )
    return {...server, forget: () => (forgotten = server.accepted())}
  }
  const together = {...GET, path: '/together'}

  test('are all given up after the first long silence, not one by one', async () => {
    const {origin, accepted, open, forget} = await forgetful()
    const time = manualTime()
    const destination = destinationTo(origin, {}, {clock: time.clock})
    await Promise.all([together, together, together].map((request) => destination.fetch(request)))
    expect(accepted()).toBe(3)
    forget()
    const heard = hearing()
    const silent = destination.stream(GET, heard.sink)
    await eventually('written', () => heard.events.includes('sent'))
    time.advance(10_000)
    silent.abort()
    expect((await destination.fetch(GET)).body.toString()).toBe('fine')
    expect(accepted()).toBe(4)
    await eventually('the forgotten ones are closed', () => open() === 1)
  })

  test('one that has answered after the silence began, but not lately, is given up with them', async () => {
    const {origin, accepted, forget} = await forgetful()
    const time = manualTime()
    const destination = destinationTo(origin, {}, {clock: time.clock})
    const silent = destination.stream(together, hearing().sink)
    await eventually('connected', () => accepted() === 1)
    time.advance(100)
    await destination.fetch(GET)
    expect(accepted()).toBe(2)
    forget()
    time.advance(4_000)
    silent.abort()
    expect((await destination.fetch(GET)).body.toString()).toBe('fine')
    expect(accepted()).toBe(3)
  })

  test('one that has answered just now is not', async () => {
    const {origin, accepted} = await forgetful()
    const time = manualTime()
    const destination = destinationTo(origin, {}, {clock: time.clock})
    const silent = destination.stream(together, hearing().sink)
    await eventually('connected', () => accepted() === 1)
    time.advance(4_000)
    await destination.fetch(GET)
    silent.abort()
    await destination.fetch(GET)
    expect(accepted()).toBe(2)
  })

  test('a call that was given up soon says nothing of the others', async () => {
    const {origin, accepted} = await forgetful()
    const time = manualTime()
    const destination = destinationTo(origin, {}, {clock: time.clock})
    await Promise.all([together, together, together].map((request) => destination.fetch(request)))
    const heard = hearing()
    const given = destination.stream(together, heard.sink)
    await eventually('written', () => heard.events.includes('sent'))
    time.advance(1_000)
    given.abort()
    await destination.fetch(GET)
    expect(accepted()).toBe(3)
  })
})
