import {spawnSync} from 'node:child_process'
import {chmod, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {interleaved, type RaceResult, raceConnect} from '../../../../src/foundation/platform/http/connect/race.ts'
import {systemClock} from '../../../../src/foundation/platform/index.ts'
import {quietPort} from '../../../support/servers/loopback.ts'
import {destinationTo, failureOf, GET, heldPort, noSocketsLeft, ok, onRequests, rawServer} from './raw-server.ts'

beforeEach(noSocketsLeft)

const race = (addresses: string[], port: number, budgetMs = 5000): Promise<RaceResult> =>
  new Promise((done) => {
    raceConnect({addresses, port, clock: systemClock, budgetMs, probeAfter: 60_000}, (result) => {
      result.socket?.destroy()
      done(result)
    })
  })

describe('connecting', () => {
  test('to a port where nobody listens: refused, and the trace names the address', async () => {
    const port = await quietPort()
    const failure = await failureOf(destinationTo(`http://127.0.0.1:${port}`).fetch(GET))
    expect([failure.failure, failure.errno, failure.unsent]).toEqual(['refused', 'ECONNREFUSED', true])
    expect(failure.trace.at(-1)).toMatchObject({rung: 'connect', ok: false, failure: 'refused'})
    expect(failure.trace.at(-1)?.detail).toContain('127.0.0.1 ECONNREFUSED')
  })

  test('to where packets vanish: black_hole at the budget of the rung', async () => {
    const {port} = await heldPort()
    const failure = await failureOf(destinationTo(`http://127.0.0.1:${port}`, {}, {budgets: {connect: 300}}).fetch(GET))
    expect([failure.failure, failure.unsent]).toEqual(['black_hole', true])
    expect(failure.message).toContain('127.0.0.1 no answer in 300 ms')
  })

  test('a failure does not stick: the next request dials again', async () => {
    const {port, letGo} = await heldPort()
    const destination = destinationTo(`http://127.0.0.1:${port}`, {}, {budgets: {connect: 300}})
    await failureOf(destination.fetch(GET))
    letGo()
    const patient = destinationTo(`http://127.0.0.1:${port}`)
    expect((await patient.fetch(GET)).body.toString()).toBe('hi')
    expect((await destination.fetch(GET)).body.toString()).toBe('hi')
  })
})

describe('the race', () => {
  test('interleaves families, beginning with that of the first address', () => {
    expect(interleaved(['::1', '::2', '::3', '1.1.1.1'])).toEqual(['::1', '1.1.1.1', '::2', '::3'])
    expect(interleaved(['1.1.1.1', '2.2.2.2', '::1'])).toEqual(['1.1.1.1', '::1', '2.2.2.2'])
    expect(interleaved([])).toEqual([])
  })

  test('goes on at once past an address that refuses', async () => {
    const {port} = await rawServer(() => {})
    const result = await race(['127.0.0.7', '127.0.0.1'], port)
    expect(result).toMatchObject({detail: `connected to 127.0.0.1:${port}; 127.0.0.7 ECONNREFUSED`})
  })

  test('does not wait for a silent address', async () => {
    const held = await heldPort('127.0.0.1')
    await rawServer(() => {}, {host: '127.0.0.2', port: held.port})
    const result = await race(['127.0.0.1', '127.0.0.2'], held.port)
    expect(result).toMatchObject({detail: `connected to 127.0.0.2:${held.port}; 127.0.0.1 no answer yet`})
  })

  test('does not drop a slow good address for the dead one behind it', async () => {
    const slow = await heldPort('127.0.0.1')
    const silent = await heldPort('127.0.0.2', slow.port)
    setTimeout(() => slow.letGo(), 600)
    const result = await race(['127.0.0.1', '127.0.0.2', '127.0.0.3'], slow.port, 15_000)
    expect(result).toMatchObject({
      detail: `connected to 127.0.0.1:${slow.port}; 127.0.0.2 no answer yet; 127.0.0.3 ECONNREFUSED`,
    })
    expect(silent.port).toBe(slow.port)
  })

  test("keeps every address's own error", async () => {
    const held = await heldPort('127.0.0.1')
    const result = await race(['127.0.0.9', '127.0.0.1'], held.port, 500)
    expect(result).toMatchObject({
      socket: null,
      cause: {
        failure: 'refused',
        errno: 'ECONNREFUSED',
        detail: '127.0.0.9 ECONNREFUSED, 127.0.0.1 no answer in 500 ms',
      },
    })
  })

  test('no IPv6 here says nothing when an IPv4 address was tried too', async () => {
    const port = await quietPort()
    // Nothing routes the documentation prefix on loopback-only machines; elsewhere it is a black hole.
    const result = await race(['2001:db8::1', '127.0.0.1'], port, 1000)
    expect(result).toMatchObject({cause: {failure: 'refused'}})
  })

  test('given up, it closes every socket and says nothing more', async () => {
    const held = await heldPort('127.0.0.1')
    let told = false
    const race = {addresses: ['127.0.0.1'], port: held.port, clock: systemClock, budgetMs: 200, probeAfter: 60_000}
    const cancel = raceConnect(race, () => {
      told = true
    })
    cancel()
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(told).toBe(false)
  })
})

describe('a unix socket', () => {
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'http-door-'))
    onTestFinished(() => rm(made, {recursive: true, force: true}))
    return made
  }
  const via = (path: string) => destinationTo('http://tunnel.internal', {unixSocket: path})

  test('carries requests for whatever host the origin names', async () => {
    const path = join(await folder(), 's')
    let host = ''
    await rawServer(
      (socket) =>
        onRequests(socket, (head) => {
          host = /^host: (.*)$/im.exec(head)?.[1] ?? ''
          socket.write(ok('through'))
        }),
      {path},
    )
    const destination = via(path)
    expect((await destination.fetch(GET)).body.toString()).toBe('through')
    expect(host).toBe('tunnel.internal')
    expect(destination.trace().map(({rung}) => rung)).toEqual(['route', 'connect', 'http'])
  })

  test('missing', async () => {
    const path = join(await folder(), 'none')
    expect(await failureOf(via(path).fetch(GET))).toMatchObject({
      failure: 'socket_missing',
      errno: 'ENOENT',
      unsent: true,
    })
  })

  test('left behind by a dead server', async () => {
    const path = join(await folder(), 's')
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    expect(await failureOf(via(path).fetch(GET))).toMatchObject({failure: 'socket_stale', errno: 'ECONNREFUSED'})
  })

  test('with a path longer than the system allows, which the kernel would report as missing', async () => {
    const path = join(await folder(), 'x'.repeat(120))
    const failure = await failureOf(via(path).fetch(GET))
    expect(failure.failure).toBe('socket_path_too_long')
    expect(failure.message).toContain(`${Buffer.byteLength(path)} bytes`)
  })

  test.skipIf(process.getuid?.() === 0)('that this user may not open', async () => {
    const path = join(await folder(), 's')
    await rawServer(() => {}, {path})
    await chmod(path, 0o000)
    expect((await failureOf(via(path).fetch(GET))).failure).toBe('socket_mode')
  })

  test.runIf(process.getuid?.() === 0)('that another user may not open', async () => {
    const path = join(await folder(), 's')
    await rawServer(() => {}, {path})
    await chmod(path, 0o000)
    process.seteuid?.(65534)
    try {
      expect((await failureOf(via(path).fetch(GET))).failure).toBe('socket_mode')
    } finally {
      process.seteuid?.(0)
    }
  })
})
