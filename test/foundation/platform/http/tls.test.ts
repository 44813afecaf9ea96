import {execFile} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createServer, type TLSSocket, type TlsOptions} from 'node:tls'
import {beforeEach, describe, expect, onTestFinished, test, vi} from 'vitest'
import {Secret} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {needs, program} from '../../../support/parts.ts'
import {authority, selfSigned} from './certificates.ts'
import {destinationTo, failureOf, GET, noSocketsLeft, ok, onRequests, rawServer} from './raw-server.ts'

beforeEach(noSocketsLeft)
beforeEach(needs(program('openssl', 'openssl')))

/** A TLS server that answers every request with `fine`. */
async function tlsServer(
  options: TlsOptions,
): Promise<{port: number; sockets: Set<TLSSocket>; names: (string | false | null)[]}> {
  const sockets = new Set<TLSSocket>()
  const names: (string | false | null)[] = []
  const server = createServer({...options, noDelay: true}, (socket) => {
    sockets.add(socket)
    names.push(socket.servername as string | false | null)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    onRequests(socket, () => socket.write(ok('fine')))
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {port: (server.address() as {port: number}).port, sockets, names}
}

describe('a verified server', () => {
  test('answers; the trace tells protocol, certificate and issuer; connections are reused', async () => {
    const ca = authority('Corp Root')
    const {port, sockets, names} = await tlsServer(ca.leaf())
    const destination = destinationTo(`https://localhost:${port}`, {extraCa: [ca.cert]})
    for (let round = 0; round < 3; round += 1) expect((await destination.fetch(GET)).body.toString()).toBe('fine')
    expect(sockets.size).toBe(1)
    expect(names).toEqual(['localhost'])
    const tls = destination.trace().find(({rung}) => rung === 'tls')
    expect(tls?.detail).toMatch(/^TLSv1\.3, certificate of leaf1 by Corp Root until /)
  })

  test('by address: verified against the address, no server name is sent', async () => {
    const ca = authority()
    const {port, names} = await tlsServer(ca.leaf())
    expect((await destinationTo(`https://127.0.0.1:${port}`, {extraCa: [ca.cert]}).fetch(GET)).status).toBe(200)
    expect(names).toEqual([false])
  })

  test('with a trailing dot in the name', async () => {
    const ca = authority()
    const {port, names} = await tlsServer(ca.leaf())
    expect((await destinationTo(`https://localhost.:${port}`, {extraCa: [ca.cert]}).fetch(GET)).status).toBe(200)
    expect(names).toEqual(['localhost'])
  })

  test('a Host header of its own changes neither server name nor verification', async () => {
    const ca = authority()
    const {port, names, sockets} = await tlsServer(ca.leaf())
    const destination = destinationTo(`https://localhost:${port}`, {extraCa: [ca.cert]})
    await destination.fetch({...GET, headers: ['host', 'other.example']})
    await destination.fetch(GET)
    expect(names).toEqual(['localhost'])
    expect(sockets.size).toBe(1)
  })

  test('a second authority of a bundle counts too', async () => {
    const other = authority('Other')
    const ca = authority()
    const {port} = await tlsServer(ca.leaf())
    const bundle = `# ours\n${other.cert}\n${ca.cert}`
    expect((await destinationTo(`https://localhost:${port}`, {extraCa: [bundle]}).fetch(GET)).status).toBe(200)
  })

  test('over a unix socket', async () => {
    const ca = authority()
    const folder = mkdtempSync(join(tmpdir(), 'tls-'))
    onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
    const path = join(folder, 's')
    const server = createServer(ca.leaf(), (socket) => onRequests(socket, () => socket.end(ok('fine'))))
    server.listen(path)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const destination = destinationTo('https://localhost', {unixSocket: path, extraCa: [ca.cert]})
    expect((await destination.fetch(GET)).status).toBe(200)
  })
})

describe('a server that must not be trusted', () => {
  const refusals = {
    untrusted_issuer: () => ({pair: authority().leaf(), extraCa: []}),
    self_signed: () => ({pair: selfSigned(), extraCa: []}),
    expired: () => trusted({until: '20210101000000Z'}),
    not_yet_valid: () => trusted({from: '20480101000000Z'}),
    wrong_host: () => trusted({names: 'DNS:other.example,DNS:*.corp.example'}),
  } as const
  const trusted = (options: Parameters<ReturnType<typeof authority>['leaf']>[0]) => {
    const ca = authority()
    return {pair: ca.leaf(options), extraCa: [ca.cert]}
  }

  test.each(Object.entries(refusals))('%s', async (expected, prepare) => {
    const {pair, extraCa} = prepare()
    const {port} = await tlsServer(pair)
    const failure = await failureOf(destinationTo(`https://localhost:${port}`, {extraCa}).fetch(GET))
    expect([failure.failure, failure.unsent]).toEqual([expected, true])
    expect(failure.trace.at(-1)).toMatchObject({rung: 'tls', ok: false, failure: expected})
    if (expected === 'wrong_host') expect(failure.message).toContain('DNS:other.example, DNS:*.corp.example')
  })

  test('also when NODE_TLS_REJECT_UNAUTHORIZED=0 is set', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => void vi.unstubAllEnvs())
    const {port} = await tlsServer(selfSigned())
    expect((await failureOf(destinationTo(`https://localhost:${port}`).fetch(GET))).failure).toBe('self_signed')
  })
})

test('extra authorities come on top of the default ones and of NODE_EXTRA_CA_CERTS', async () => {
  const byNode = authority('From The Environment')
  const byUs = authority('From The Config')
  const servers = [await tlsServer(byNode.leaf()), await tlsServer(byUs.leaf())]
  const folder = mkdtempSync(join(tmpdir(), 'extra-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  writeFileSync(join(folder, 'node.pem'), byNode.cert)
  writeFileSync(join(folder, 'ours.pem'), byUs.cert)
  const door = new URL('../../../../src/foundation/platform/http/door.ts', import.meta.url).href
  const code = `
    import {readFileSync} from 'node:fs'
    const {createHttpDoor} = await import(${JSON.stringify(door)})
    const door = createHttpDoor()
    for (const port of process.argv.slice(2)) {
      const extraCa = [readFileSync(${JSON.stringify(join(folder, 'ours.pem'))}, 'utf8')]
      const destination = door.destination({name: 't', origin: new URL('https://localhost:' + port), extraCa})
      const reply = await destination.fetch({method: 'GET', path: '/', headers: []}).catch((error) => error)
      console.log(reply.status ?? reply.failure)
    }
    await door.close()
  `
  writeFileSync(join(folder, 'run.mjs'), code)
  const child = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(folder, 'run.mjs'), ...servers.map(({port}) => String(port))],
      {env: {...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'node.pem')}},
      (_error, stdout, stderr) => resolve(stdout + stderr),
    )
  })
  expect(child).toBe('200\n200\n')
})

describe('client certificates', () => {
  const both = () => {
    const ca = authority()
    const client = ca.leaf({names: 'DNS:client'})
    const offered = {cert: client.cert, key: new Secret(client.key)}
    return {ca, offered, server: {...ca.leaf(), ca: [ca.cert], requestCert: true, rejectUnauthorized: true}}
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('are offered when asked for (%s)', async (version) => {
    const {ca, offered, server} = both()
    const {port, sockets} = await tlsServer({...server, maxVersion: version})
    const destination = destinationTo(`https://localhost:${port}`, {extraCa: [ca.cert], clientCertificate: offered})
    expect((await destination.fetch(GET)).status).toBe(200)
    expect([...sockets][0]?.getPeerCertificate().subject.CN).toBe('leaf1')
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('missing: client_cert_wanted (%s)', async (version) => {
    const {ca, server} = both()
    const {port} = await tlsServer({...server, maxVersion: version})
    // TLS 1.3 refuses after the handshake; the quiet time keeps our request from turning that into a bare reset.
    const options = {budgets: {quiet: 2000}}
    const destination = destinationTo(`https://localhost:${port}`, {extraCa: [ca.cert]}, options)
    const failure = await failureOf(destination.fetch(GET))
    expect([failure.failure, failure.unsent]).toEqual(['client_cert_wanted', true])
  })

  test('of an unknown authority: client_cert_refused', async () => {
    const {ca, server} = both()
    const stranger = authority('Stranger').leaf()
    const {port} = await tlsServer(server)
    const clientCertificate = {cert: stranger.cert, key: new Secret(stranger.key)}
    for (const quiet of [0, 2000]) {
      const spec = {extraCa: [ca.cert], clientCertificate}
      const destination = destinationTo(`https://localhost:${port}`, spec, {budgets: {quiet}})
      const failure = await failureOf(destination.fetch(GET))
      expect(failure.failure).toBe('client_cert_refused')
      expect(JSON.stringify([failure, failure.message])).not.toContain('PRIVATE')
    }
  })

  test('that cannot be used are named as such', async () => {
    const {ca, server} = both()
    const {port} = await tlsServer(server)
    const clientCertificate = {cert: ca.leaf().cert, key: new Secret(ca.leaf().key)}
    const failure = await failureOf(destinationTo(`https://localhost:${port}`, {clientCertificate}).fetch(GET))
    expect([failure.failure, failure.unsent]).toEqual(['client_cert_unusable', true])
    expect(failure.message).toContain('key values mismatch')
  })
})

describe('a handshake that breaks', () => {
  test('plain HTTP on the port: not_tls', async () => {
    const {port} = await rawServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    expect((await failureOf(destinationTo(`https://localhost:${port}`).fetch(GET))).failure).toBe('not_tls')
  })

  test.each(['end', 'reset'] as const)('cut after our hello (%s): tls_cut', async (how) => {
    const {port} = await rawServer((socket) =>
      socket.once('data', () => (how === 'end' ? socket.end() : socket.resetAndDestroy())),
    )
    const failure = await failureOf(destinationTo(`https://localhost:${port}`).fetch(GET))
    expect([failure.failure, failure.unsent]).toEqual(['tls_cut', true])
  })

  test('silence: tls_silent at the budget of the rung, and the socket is closed', async () => {
    const {port, open} = await rawServer(() => {})
    const failure = await failureOf(destinationTo(`https://localhost:${port}`, {}, {budgets: {tls: 200}}).fetch(GET))
    expect(failure.failure).toBe('tls_silent')
    await eventually('closed', () => open() === 0)
  })

  test('no version in common: tls_version', async () => {
    const {port} = await tlsServer({
      ...authority().leaf(),
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    expect((await failureOf(destinationTo(`https://localhost:${port}`).fetch(GET))).failure).toBe('tls_version')
  })

  test('is not tried again and again: one connection per request', async () => {
    const {port, accepted} = await rawServer((socket) => socket.once('data', () => socket.destroy()))
    const destination = destinationTo(`https://localhost:${port}`)
    for (let round = 0; round < 3; round += 1) await failureOf(destination.fetch({...GET, idempotent: true}))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(accepted()).toBe(3)
  })
})
