import {beforeEach, describe, expect, test} from 'vitest'
import {createResidentResolver} from '../../../../src/foundation/platform/http/names/resident-resolver.ts'
import {candidates} from '../../../../src/foundation/platform/http/names/search-query.ts'
import {isFilesDns, parseHosts, parseResolvConf} from '../../../../src/foundation/platform/http/names/system-files.ts'
import {createHttpDoor} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {failureOf, GET, ok, onRequests, rawServer} from './raw-server.ts'

describe('resolv.conf', () => {
  test('as Kubernetes writes it', () => {
    const conf = parseResolvConf(
      'search ns1.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    )
    expect(conf).toMatchObject({
      servers: ['10.96.0.10'],
      search: ['ns1.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
      attempts: 2,
      timeoutMs: 5000,
      foreign: [],
    })
  })

  test('comments, the last of several search lines, more servers than count, bounds, options we do not imitate', () => {
    const conf = parseResolvConf(
      [
        '# nameserver 1.1.1.1',
        '; another',
        'search a.example',
        'domain b.example.',
        ...['10.0.0.1', '::1', '10.0.0.3', '10.0.0.4'].map((server) => `nameserver ${server}`),
        'options ndots:99 attempts:9 timeout:0 edns0 use-vc',
      ].join('\n'),
    )
    expect(conf).toEqual({
      servers: ['10.0.0.1', '::1', '10.0.0.3'],
      search: ['b.example'],
      ndots: 15,
      attempts: 5,
      timeoutMs: 1000,
      foreign: ['use-vc'],
    })
  })

  test('without a server means this machine', () => {
    expect(parseResolvConf('').servers).toEqual(['127.0.0.1'])
  })
})

test('nsswitch.conf: only files, then dns, and nothing else lets our own queries stand in', () => {
  expect(isFilesDns('passwd: files\nhosts:          files dns\n')).toBe(true)
  expect(isFilesDns('hosts: files dns # and no more\n')).toBe(true)
  for (const line of [
    'files mdns4_minimal [NOTFOUND=return] dns',
    'dns files',
    'files',
    'files dns myhostname',
    'files [!UNAVAIL=return] dns',
  ]) {
    expect(isFilesDns(`hosts: ${line}\n`), line).toBe(false)
  }
  expect(isFilesDns('')).toBe(false)
})

test('the hosts file: every line that has the name, whatever the case, no comment and no part of a name', () => {
  const text =
    '127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.1\tmcp.corp MCP # other\n10.0.0.2 mcp\n#10.0.0.3 mcp\nbogus mcp\n10.0.0.1 mcp'
  expect(parseHosts(text, 'mcp')).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(parseHosts(text, 'Localhost')).toEqual(['127.0.0.1', '::1'])
  expect(parseHosts(text, 'corp')).toEqual([])
})

test('the search list is applied as resolver(5) says', () => {
  const cluster = {search: ['ns1.svc.cluster.local', 'cluster.local'], ndots: 5}
  expect(candidates('mcp', cluster)).toEqual(['mcp.ns1.svc.cluster.local.', 'mcp.cluster.local.', 'mcp.'])
  expect(candidates('mcp.ns1.svc', {...cluster, ndots: 1})).toEqual([
    'mcp.ns1.svc.',
    'mcp.ns1.svc.ns1.svc.cluster.local.',
    'mcp.ns1.svc.cluster.local.',
  ])
  expect(candidates('mcp.', cluster)).toEqual(['mcp.'])
  expect(candidates('a.b', {search: [], ndots: 1})).toEqual(['a.b.'])
})

describe('the helper process', () => {
  // The one of an earlier test needs a moment to end.
  beforeEach(() => eventually('no helper', async () => (await helpersOf(process.pid)).length === 0))
  const unhurried = () => ({budgetMs: 10_000, signal: new AbortController().signal})

  test('answers many at once', async () => {
    const helper = createResidentResolver()
    const answers = await Promise.all(Array.from({length: 30}, () => helper.lookup('localhost', unhurried())))
    helper.close()
    for (const {addresses, code} of answers) {
      expect(code).toBe('')
      expect(addresses).toContain('127.0.0.1')
    }
  })

  test('is replaced when it dies, and a lookup under way is still answered', async () => {
    const helper = createResidentResolver()
    await helper.lookup('localhost', unhurried())
    const children = await helpersOf(process.pid)
    expect(children).toHaveLength(1)
    process.kill(children[0]!, 'SIGKILL')
    expect((await helper.lookup('localhost', unhurried())).addresses).toContain('127.0.0.1')
    expect((await helper.lookup('localhost', unhurried())).addresses).toContain('127.0.0.1')
    helper.close()
    await eventually('no helper left', async () => (await helpersOf(process.pid)).length === 0)
  })

  test('knows none of our secrets', async () => {
    process.env.CONTROL_PLANE_API_KEY = 'sk-very-secret'
    const helper = createResidentResolver()
    try {
      await helper.lookup('localhost', unhurried())
      const [child] = await helpersOf(process.pid)
      const {readFile} = await import('node:fs/promises')
      expect(await readFile(`/proc/${child}/environ`, 'utf8')).not.toContain('sk-very-secret')
    } finally {
      delete process.env.CONTROL_PLANE_API_KEY
      helper.close()
    }
  })
})

test('localhost and what is below it need no DNS', async () => {
  const {port} = await rawServer((socket) => onRequests(socket, () => socket.write(ok('here'))))
  const door = createHttpDoor({budgets: {resolve: 1500}})
  for (const host of ['localhost', 'LOCALHOST', 'localhost.', 'mcp.localhost']) {
    const destination = door.destination({name: host, origin: new URL(`http://${host}:${port}`)})
    expect((await destination.fetch(GET)).body.toString()).toBe('here')
  }
  await door.close()
})

test('an abort during a lookup settles at once', async () => {
  const door = createHttpDoor()
  const destination = door.destination({name: 'test', origin: new URL('http://nobody.invalid')})
  const stop = new AbortController()
  const failing = failureOf(destination.fetch(GET, {signal: stop.signal}))
  stop.abort()
  expect(await failing).toMatchObject({failure: 'canceled', unsent: true})
  await door.close()
})

/** Helper processes that this one has started, from /proc. */
async function helpersOf(parent: number): Promise<number[]> {
  const {readdir, readFile} = await import('node:fs/promises')
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = await readFile(`/proc/${entry}/stat`, 'utf8')
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const argv = await readFile(`/proc/${entry}/cmdline`, 'utf8')
      if (Number(ppid) === parent && state !== 'Z' && argv.includes('dns.lookup')) found.push(Number(entry))
    } catch {
      // It ended while we looked.
    }
  }
  return found
}
