// The daemon as a value: what it starts, in which order, and what is left when a start fails.

import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {loadConfig} from '../../../src/foundation/config/index.ts'
import {createIdentity} from '../../../src/foundation/platform/index.ts'
import {createDaemon, type Daemon, openDaemonLog} from '../../../src/tunnel/daemon/index.ts'
import {eventually} from '../../support/eventually.ts'
import {close, listen} from '../../support/servers/loopback.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'

let folder = ''
let asked: string[] = []
let service: Server
/** What the service says of the tunnel. */
let metadata: object = {}
const running: Daemon[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'daemon-test-'))
  asked = []
  metadata = {id: TUNNEL, name: 'n', description: 'd'}
  service = createServer(answer)
  await listen(service)
})
afterEach(async () => {
  for (const daemon of running.splice(0)) await daemon.stop({drainMs: 0})
  await close(service)
  rmSync(folder, {recursive: true})
})

/** A service that accepts every poll and has nothing to do. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.url?.split('?')[0]}`)
  if (request.url?.includes('/poll')) response.writeProcessing()
  else response.end(JSON.stringify(metadata))
}

const path = (name: string): string => join(folder, name)

/** A stdio server that writes its pid to a file. */
function server(): string {
  writeFileSync(
    path('server.mjs'),
    `import {writeFileSync} from 'node:fs'
import {createInterface} from 'node:readline'
writeFileSync(${JSON.stringify(path('child.pid'))}, String(process.pid))
for await (const line of createInterface({input: process.stdin})) {
  const {id} = JSON.parse(line)
  if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, result: {}}))
}
`,
  )
  return `'${process.execPath}' '${path('server.mjs')}'`
}

async function build(flags: Record<string, string | string[]> = {}): Promise<{daemon: Daemon; log: () => string}> {
  const {port} = service.address() as AddressInfo
  const config = await loadConfig({
    flags: {
      'control-plane.base-url': `http://127.0.0.1:${port}`,
      'control-plane.tunnel-id': TUNNEL,
      'mcp.command': [server()],
      'health.listen-addr': '127.0.0.1:0',
      'health.url-file': path('health.url'),
      ...flags,
    },
    env: {CONTROL_PLANE_API_KEY: 'runtime-key-000', PATH: process.env.PATH},
    cwd: folder,
  })
  const identity = createIdentity('0.0.0')
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const log = await openDaemonLog({config, identity, stream})
  const daemon = createDaemon({config, identity, log})
  running.push(daemon)
  return {daemon, log: () => text}
}

/** Of 0, which is what an empty file holds, it would be told of this process. */
const alive = (pid: number): boolean => {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('readiness', () => {
  test('needs the accepted poll and the living server, then turns to draining', async () => {
    const {daemon} = await build()
    expect(daemon.readiness().body).toBe('mcp startup probe pending')
    await daemon.start()
    await eventually('ready', () => daemon.readiness().body === 'ready')
    const stopped = daemon.stop({drainMs: 1000})
    expect(daemon.readiness()).toMatchObject({status: 503, body: 'draining'})
    await stopped
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('is refused when the service answers for another tunnel; an absent id says nothing', async () => {
    metadata = {id: 'tunnel_ffffffffffffffffffffffffffffffff'}
    const {daemon, log} = await build()
    await daemon.start()
    await eventually('the mismatch', () => daemon.readiness().body.startsWith('control plane identity mismatch'))
    expect(daemon.readiness().status).toBe(503)
    await eventually('one line', () => log().includes('control plane answered for another tunnel'))

    metadata = {name: 'no id'}
    const other = await build({'health.url-file': path('other.url')})
    await other.daemon.start()
    await eventually('ready', () => other.daemon.readiness().status === 200)
  })
})

test('what the service says of the tunnel is masked wherever it is shown', async () => {
  const key = 'runtime-key-000'
  metadata = {id: `tunnel of ${key}`, name: `name ${key}`, description: `Bearer ${key}`}
  const {daemon} = await build()
  const {health} = await daemon.start()
  await eventually('the mismatch', () => daemon.readiness().body.startsWith('control plane identity mismatch'))
  for (const page of ['/readyz', '/readyz?format=json', '/api/status', '/api/state', '/health?details=true']) {
    const text = await (await fetch(`${health}${page}`)).text()
    expect(text, page).not.toContain(key)
    if (page !== '/health?details=true') expect(text, page).toContain('tunnel')
  }
})

describe('a start that fails', () => {
  test.each<[string, () => Record<string, string | string[]>]>([
    [
      'the surface cannot be bound',
      () => ({'health.listen-addr': `127.0.0.1:${(service.address() as AddressInfo).port}`}),
    ],
    ['the PID file cannot be written', () => ({'pid.file': path('no/such/pid')})],
    ['the URL file cannot be written', () => ({'health.url-file': path('server.mjs/health.url')})],
    ['a second server cannot be started', () => ({'mcp.command': [server(), 'channel=b,command=no-such-program']})],
  ])('%s: nothing was asked from the service, no file and no child is left', async (_, flags) => {
    const {daemon} = await build(flags())
    await expect(daemon.start()).rejects.toMatchObject({name: 'TunnelError'})
    expect(asked).toEqual([])
    expect(existsSync(path('health.url'))).toBe(false)
    expect(existsSync(path('health.url.token'))).toBe(false)
    if (existsSync(path('child.pid'))) {
      const child = Number(readFileSync(path('child.pid'), 'utf8'))
      await eventually('the child is gone', () => !alive(child))
    }
  })

  test('or is given up has left nothing when it says so: the process ends right then', async () => {
    const {daemon} = await build({'pid.file': path('pid')})
    const stop = new AbortController()
    const start = daemon.start(stop.signal)
    stop.abort()
    await expect(start).rejects.toMatchObject({code: 'TC-DAEMON-START', message: 'context canceled'})
    expect(['health.url', 'health.url.token', 'pid'].filter((name) => existsSync(path(name)))).toEqual([])
    expect(asked.filter((line) => line.includes('/poll'))).toEqual([])
    if (existsSync(path('child.pid'))) expect(alive(Number(readFileSync(path('child.pid'), 'utf8')))).toBe(false)
  })
})

describe('a daemon that cannot go on', () => {
  test('says why', async () => {
    writeFileSync(path('dies.mjs'), 'setTimeout(() => process.exit(9), 20)')
    const {daemon} = await build({'mcp.command': [`'${process.execPath}' '${path('dies.mjs')}'`]})
    await daemon.start()
    expect(await daemon.broken).toMatch(/exited with code 9/)
  })
})

describe('order of effects', () => {
  test('each file is complete before the line that names it, polling comes last', async () => {
    const {daemon, log} = await build({'pid.file': path('pid')})
    const seen: string[] = []
    const watch = setInterval(() => {
      const text = log()
      if (text.includes('health server listening') && !existsSync(path('health.url'))) seen.push('listening before URL')
      if (text.includes('pid file written') && !existsSync(path('pid'))) seen.push('written before PID')
    }, 1)
    await daemon.start()
    clearInterval(watch)
    expect(seen).toEqual([])
    await eventually('polls', () => asked.some((line) => line.includes('/poll')))
    const lines = [
      'HEALTH URL: http',
      'health server listening',
      'pid file written',
      'tunnel-client startup summary',
      'poller started',
    ]
    const order = lines.map((line) => log().indexOf(line))
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(log()).toMatch(/🩺 HEALTH URL: http:\/\/127\.0\.0\.1:\d+ \(written to .*health\.url\)/)
  })

  test('the lines that scripts read have the values of the reference', async () => {
    const {port} = service.address() as AddressInfo
    const {daemon, log} = await build()
    await daemon.start()
    await eventually('the started line', () => log().includes('tunnel-client started'))
    const line = (text: string): string =>
      log()
        .split('\n')
        .find((one) => one.includes(text)) ?? ''
    const summary = line('startup summary')
    expect(summary).toContain(' config_source=flags/environment profile_name="" profile_path="" ')
    expect(summary).toContain(' mcp_target_kind=stdio ')
    expect(summary).toContain(' first_failing_dependency=""')
    const url = `http://127.0.0.1:${port}/v1/tunnel/${TUNNEL}`
    expect(line('tunnel-client started')).toContain(` tunnel_url=${url} `)
    expect(line('control-plane route resolved')).toContain(
      ` target_host=127.0.0.1:${port} route_mode=direct proxy_source=none`,
    )
  })
})
