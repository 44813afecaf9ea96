import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {createHttpDoor, systemClock} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {
  destinationTo,
  failureOf,
  GET,
  hearing,
  heldPort,
  noSocketsLeft,
  ok,
  onRequests,
  rawServer,
  socketsHere,
} from './raw-server.ts'

beforeEach(noSocketsLeft)

const soon = (ms: number): number => systemClock.now() + ms

/** Milliseconds until a promise settles. */
async function timed<T>(promise: Promise<T>): Promise<{value: T; ms: number}> {
  const began = performance.now()
  return {value: await promise, ms: performance.now() - began}
}

/** How late a settlement may be on a machine that does other things too. What must not happen takes seconds. */
const SLACK = 3000

describe('a deadline settles the request by itself', () => {
  test('while connecting', async () => {
    const {port} = await heldPort()
    const destination = destinationTo(`http://127.0.0.1:${port}`)
    const deadline = soon(200)
    const {value, ms} = await timed(failureOf(destination.fetch({...GET, deadline})))
    expect(systemClock.now()).toBeGreaterThanOrEqual(deadline)
    expect([value.failure, value.unsent]).toEqual(['timeout_connect', true])
    expect(value.trace.at(-1)).toMatchObject({rung: 'connect', ok: false})
    expect(ms).toBeLessThan(200 + SLACK)
  })

  test('during the TLS handshake', async () => {
    const {port, open} = await rawServer(() => {})
    const destination = destinationTo(`https://127.0.0.1:${port}`)
    const {value, ms} = await timed(failureOf(destination.fetch({...GET, deadline: soon(200)})))
    expect([value.failure, value.unsent]).toEqual(['timeout_connect', true])
    expect(value.trace.at(-1)).toMatchObject({rung: 'tls', ok: false})
    expect(ms).toBeLessThan(200 + SLACK)
    await eventually('closed', () => open() === 0)
  })

  test('while the answer is due, after an interim too', async () => {
    const {origin, open} = await rawServer((socket) =>
      onRequests(socket, () => socket.write('HTTP/1.1 102 Processing\r\n\r\n')),
    )
    const {value, ms} = await timed(failureOf(destinationTo(origin).fetch({...GET, deadline: soon(200)})))
    expect([value.failure, value.unsent]).toEqual(['timeout_http', false])
    expect(ms).toBeLessThan(200 + SLACK)
    await eventually('closed', () => open() === 0)
  })

  test('in the middle of the body', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')),
    )
    const heard = hearing()
    destinationTo(origin).stream({...GET, deadline: soon(200)}, heard.sink)
    expect((await heard.ended)?.failure).toBe('timeout_http')
    expect(heard.events).toEqual(['sent', 'head 200', 'data', 'failure timeout_http'])
  })

  test('while every connection is busy', async () => {
    const {origin} = await rawServer((socket) => onRequests(socket, () => {}))
    const destination = destinationTo(origin, {connections: 1})
    const busy = destination.stream(GET, hearing().sink)
    const waiting = await failureOf(destination.fetch({...GET, deadline: soon(100)}))
    expect([waiting.failure, waiting.unsent]).toEqual(['timeout_http', true])
    busy.abort()
  })

  test('that has passed already', async () => {
    const {origin} = await rawServer((socket) => onRequests(socket, () => {}))
    expect((await failureOf(destinationTo(origin).fetch({...GET, deadline: soon(-50)}))).unsent).toBeDefined()
  })

  test('and without one, an answer may take its time', async () => {
    const {origin} = await rawServer((socket) =>
      onRequests(socket, () => setTimeout(() => socket.write(ok('slow')), 1500)),
    )
    expect((await destinationTo(origin).fetch(GET)).body.toString()).toBe('slow')
  })
})

describe('an abort at 200 ms', () => {
  const cases = {
    'while connecting': async () => `http://127.0.0.1:${(await heldPort()).port}`,
    'during the TLS handshake': async () => `https://127.0.0.1:${(await rawServer(() => {})).port}`,
    'while the answer is due': async () => (await rawServer((socket) => onRequests(socket, () => {}))).origin,
    'in the middle of the body': async () =>
      (
        await rawServer((socket) =>
          onRequests(socket, () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')),
        )
      ).origin,
  }
  test.each(Object.entries(cases))('%s settles at once and leaves no socket', async (_name, prepare) => {
    const origin = await prepare()
    const before = socketsHere()
    const destination = destinationTo(origin)
    let turns = 0
    const stop = new AbortController()
    setTimeout(() => {
      stop.abort()
      setImmediate(() => (turns += 1))
    }, 200)
    const failure = await failureOf(destination.fetch(GET, {signal: stop.signal}))
    expect([failure.failure, turns]).toEqual(['canceled', 0])
    await eventually('our socket is closed', () => socketsHere() <= before)
  })

  test('by a signal that had aborted before opens nothing', async () => {
    const {origin, accepted} = await rawServer(() => {})
    const failure = await failureOf(destinationTo(origin).fetch(GET, {signal: AbortSignal.abort()}))
    expect([failure.failure, failure.unsent]).toEqual(['canceled', true])
    expect(accepted()).toBe(0)
  })

  test('twice, or after the end, does nothing', async () => {
    const {origin, accepted} = await rawServer((socket) => onRequests(socket, () => socket.write(ok('fine'))))
    const destination = destinationTo(origin)
    const heard = hearing()
    const handle = destination.stream(GET, heard.sink)
    await heard.ended
    handle.abort()
    handle.abort()
    expect(heard.events.at(-1)).toBe('end')
    await destination.fetch(GET)
    expect(accepted()).toBe(1)
  })
})

describe('a stalled loop', () => {
  const stall = (ms: number): void => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }

  test('costs no answer that had arrived: 8 of 8 are kept past their deadlines', async () => {
    // The server lives in another process, so that it answers while this one is stalled.
    const {port} = await answeringProcess()
    const door = createHttpDoor()
    onTestFinished(() => door.close())
    const destination = door.destination({name: 'test', origin: new URL(`http://127.0.0.1:${port}`)})
    await Promise.all(Array.from({length: 8}, () => destination.fetch(GET)))
    const all = Array.from({length: 8}, () => destination.fetch({...GET, path: '/200ms', deadline: soon(400)}))
    const settled = Promise.allSettled(all)
    await new Promise((resolve) => setTimeout(resolve, 100))
    stall(2500)
    const kept = (await settled).filter(({status}) => status === 'fulfilled')
    expect(kept).toHaveLength(8)
  })

  test('costs no answer in many pieces either', async () => {
    const {port} = await answeringProcess()
    const destination = destinationTo(`http://127.0.0.1:${port}`)
    await destination.fetch(GET)
    const big = destination.fetch({...GET, path: '/big', deadline: soon(400)})
    await new Promise((resolve) => setTimeout(resolve, 50))
    stall(2500)
    expect((await big).body.length).toBe(1_000_000)
  })
})

/** An HTTP server in a process of its own: `/` at once, `/200ms` later, `/big` with 1 MB. */
async function answeringProcess(): Promise<{port: number}> {
  const program = `
    const http = require('node:http')
    const server = http.createServer((request, response) => {
      if (request.url === '/200ms') setTimeout(() => response.end('late'), 200)
      else response.end(request.url === '/big' ? Buffer.alloc(1_000_000) : 'ok')
    })
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))
    process.stdin.on('end', () => process.exit()).resume()
  `
  const child = spawn(process.execPath, ['-e', program], {stdio: ['pipe', 'pipe', 'inherit']})
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {port: Number(line.toString())}
}
