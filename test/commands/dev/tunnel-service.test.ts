import {execFileSync} from 'node:child_process'
import {existsSync, statSync, writeFileSync} from 'node:fs'
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Agent, request} from 'undici'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Cli, cli, runCli} from '../../support/cli.ts'
import {needs, pathOf, program} from '../../support/parts.ts'

let folder: string
let running: Cli[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dev-tunnel-service-'))
})
afterEach(async () => {
  for (const one of running) await one.stop()
  running = []
  await rm(folder, {recursive: true})
})

interface Info {
  tunnel_id: string
  control_plane_base_url: string
  control_plane_unix_socket?: string
  mcp_url: string
  mcp_unix_socket?: string
  mcp_url_path: string
  runtime_key: string
  admin_key: string
}

async function start(...args: string[]): Promise<{service: Cli; info: Info}> {
  const service = cli(['dev', 'tunnel-service', '--print-json', ...args], {env: {TMPDIR: folder, TOKEN: 't0ken'}})
  running.push(service)
  const [text] = await service.output(/\{[^}]*\}\n/)
  return {service, info: JSON.parse(text) as Info}
}

const metadata = (info: Info, dispatcher?: Agent) =>
  request(`${info.control_plane_base_url}/v1/tunnels/${info.tunnel_id}`, {
    headers: {authorization: `Bearer ${info.runtime_key}`},
    ...(dispatcher ? {dispatcher} : {}),
  })

describe('dev tunnel-service', () => {
  it('prints what programs need, serves it, and ends with 0 after one signal', async () => {
    const {service, info} = await start('--tunnel-id', 'tunnel_0123456789abcdef0123456789abcdef')
    expect(Object.keys(info)).toEqual([
      'tunnel_id',
      'control_plane_base_url',
      'mcp_url',
      'mcp_url_path',
      'runtime_key',
      'admin_key',
    ])
    expect(info.mcp_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/mcp\/tunnel_0123456789abcdef0123456789abcdef$/)
    const reply = await metadata(info)
    expect(reply.statusCode).toBe(200)
    expect(await reply.body.json()).toMatchObject({id: info.tunnel_id})
    service.kill('SIGINT')
    expect(await service.exited).toEqual({status: 0, signal: null})
    expect(service.stderr()).toBe('')
    expect(await readdir(folder)).toEqual([])
  })

  it('tells people what to do next, keeps the keys in a private file, and leaves nothing behind', async () => {
    const service = cli(['dev', 'tunnel-service'], {env: {TMPDIR: folder}})
    running.push(service)
    await service.output(/Ctrl-C/)
    const shown = service.stdout()
    const path = /(\S+service\.json)/.exec(shown)![1]!
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const info = JSON.parse(await readFile(path, 'utf8')) as Info
    expect(shown).not.toContain(info.runtime_key)
    expect(shown).not.toContain(info.admin_key)
    const exports = shown.split('\n').filter((line) => line.trim().startsWith('export '))
    const env = execFileSync('sh', ['-c', `${exports.join('\n')}\nenv`], {encoding: 'utf8'})
    expect(env).toContain(`CONTROL_PLANE_BASE_URL=${info.control_plane_base_url}\n`)
    expect(env).toContain(`CONTROL_PLANE_TUNNEL_ID=${info.tunnel_id}\n`)
    expect(env).toContain(`CONTROL_PLANE_API_KEY=${info.runtime_key}\n`)
    service.kill('SIGTERM')
    expect((await service.exited).status).toBe(0)
    expect(await readdir(folder)).toEqual([])
  })

  it('listens on unix sockets, writes the info file, and takes all of them away', async () => {
    const paths = ['control.sock', 'mcp.sock', 'info.json'].map((name) => join(folder, name))
    const [control, mcp, infoFile] = paths as [string, string, string]
    const {service, info} = await start(
      '--listen-unix-socket',
      control,
      '--ingress-unix-socket',
      mcp,
      '--info-file',
      infoFile,
    )
    expect(info).toMatchObject({
      control_plane_base_url: 'http://localhost',
      control_plane_unix_socket: control,
      mcp_url: '',
      mcp_unix_socket: mcp,
    })
    expect(JSON.parse(await readFile(infoFile, 'utf8'))).toEqual(info)
    expect(statSync(infoFile).mode & 0o777).toBe(0o600)
    const reply = await metadata(info, new Agent({connect: {socketPath: control}}))
    expect(reply.statusCode).toBe(200)
    await reply.body.dump()
    const ingress = await request(`http://localhost${info.mcp_url_path}`, {
      dispatcher: new Agent({connect: {socketPath: mcp}}),
    })
    expect(ingress.statusCode).toBe(405)
    service.kill()
    expect((await service.exited).status).toBe(0)
    expect(paths.map((path) => existsSync(path))).toEqual([false, false, false])
  })

  it('keeps tunnels and keys in the state file from run to run', async () => {
    const state = join(folder, 'state.json')
    const first = await start('--state', state)
    first.service.kill()
    await first.service.exited
    expect(existsSync(state)).toBe(true)
    const second = await start('--state', state)
    expect(second.info).toMatchObject({tunnel_id: first.info.tunnel_id, runtime_key: first.info.runtime_key})
  })

  it('asks for the ingress token of a reference', async () => {
    writeFileSync(join(folder, 'token'), 't0ken\n')
    for (const reference of ['env:TOKEN', `file:${join(folder, 'token')}`]) {
      const {info} = await start('--ingress-listen', '0.0.0.0:0', '--ingress-token', reference)
      expect((await request(info.mcp_url)).statusCode).toBe(401)
      expect((await request(info.mcp_url, {headers: {'x-tunnel-ingress-token': 't0ken'}})).statusCode).toBe(405)
    }
  })

  it('takes seconds of patience as given', async () => {
    const {info} = await start('--response-timeout', '50ms')
    const reply = await request(info.mcp_url, {method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"m"}'})
    expect(reply.statusCode).toBe(504)
  })

  it.each([
    [['--ingress-listen', '0.0.0.0:0'], 'the ingress on 0.0.0.0 can be reached from other machines'],
    [['--ingress-token', 'sesame'], 'takes a reference'],
    [['--ingress-token', 'env:NOT_SET'], 'variable NOT_SET is not set'],
    [['--listen', 'nonsense'], '--listen "nonsense" is not host:port'],
    [['--listen', '127.0.0.1:0', '--listen-unix-socket', 'x'], 'mutually exclusive'],
    [
      ['--ingress-listen', '127.0.0.1:0', '--ingress-unix-socket', 'x'],
      '--ingress-listen and --ingress-unix-socket are mutually exclusive',
    ],
    [['--tunnel-id', 'nope'], 'invalid tunnel ID "nope": must match tunnel_<32 lowercase letters or digits>'],
    [['--response-timeout', '30'], 'missing unit'],
    [['--tls-cert', 'x'], 'TLS needs --tls-cert and --tls-key'],
    [['--tls-cert', '/none', '--tls-key', '/none'], 'no such file'],
    [['--nonsense'], 'nonsense'],
  ])('%j ends with 1 and one line that says why', async (args, why) => {
    const {status, stdout, stderr} = await runCli(['dev', 'tunnel-service', ...args], {env: {TMPDIR: folder}})
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(why)
    expect(stderr).not.toContain('sesame')
    expect(stderr).not.toContain('    at ')
    expect(await readdir(folder)).toEqual([])
  })

  it('with a busy port ends with 1 and leaves nothing', async () => {
    const {info} = await start()
    const {host} = new URL(info.control_plane_base_url)
    const {status, stderr} = await runCli(['dev', 'tunnel-service', '--listen', host], {env: {TMPDIR: folder}})
    expect([status, stderr]).toEqual([1, expect.stringContaining(`cannot listen on ${host}: it is in use`)])
  })
})

describe('dev tunnel-service over TLS', () => {
  let pems: string
  beforeEach(needs(program('openssl', 'openssl')))
  beforeAll(async () => {
    pems = await mkdtemp(join(tmpdir(), 'tls-'))
    if (pathOf('openssl') === undefined) return
    const ssl = (...args: string[]) => execFileSync('openssl', args, {cwd: pems, stdio: 'ignore'})
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    for (const name of ['server', 'ca', 'stranger']) {
      ssl(
        'req',
        '-x509',
        ...ec,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      )
    }
    ssl('req', ...ec, '-keyout', 'client.key', '-out', 'client.csr', '-subj', '/CN=client')
    ssl(
      'x509',
      '-req',
      '-in',
      'client.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'client.pem',
    )
  })
  afterAll(() => rm(pems, {recursive: true}))

  const pem = (name: string) => readFile(join(pems, name), 'utf8')
  const files = () => ['--tls-cert', join(pems, 'server.pem'), '--tls-key', join(pems, 'server.key')]

  it('serves daemons with the certificate given', async () => {
    const {info} = await start(...files())
    expect(info.control_plane_base_url).toMatch(/^https:/)
    expect(info.mcp_url).toMatch(/^http:/)
    expect((await metadata(info, new Agent({connect: {ca: await pem('server.pem')}}))).statusCode).toBe(200)
  })

  it('lets in only clients of the authority given', async () => {
    const {info} = await start(...files(), '--tls-client-ca', join(pems, 'ca.pem'))
    const ca = await pem('server.pem')
    const client = async (name: string) =>
      new Agent({connect: {ca, cert: await pem(`${name}.pem`), key: await pem(`${name}.key`)}})
    expect((await metadata(info, await client('client'))).statusCode).toBe(200)
    await expect(metadata(info, await client('stranger'))).rejects.toThrow()
    await expect(metadata(info, new Agent({connect: {ca}}))).rejects.toThrow()
  })

  it('with a key that does not fit ends with 1', async () => {
    const args = ['--tls-cert', join(pems, 'server.pem'), '--tls-key', join(pems, 'ca.key')]
    const {status, stderr} = await runCli(['dev', 'tunnel-service', ...args])
    expect([status, stderr]).toEqual([1, expect.stringContaining('the TLS certificate and key cannot be used')])
  })
})
