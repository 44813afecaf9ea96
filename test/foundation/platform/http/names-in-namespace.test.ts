import {execFile} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {NAMESPACES, needs, program} from '../../../support/parts.ts'
import type {Probed} from './name-probe.ts'

const DNSMASQ = program('dnsmasq', 'dnsmasq-base')
beforeEach(needs(NAMESPACES))

interface World {
  readonly resolv: string
  readonly hosts?: string
  readonly nsswitch?: string
  /** Arguments of a dnsmasq on 127.0.0.1; none: nobody listens. */
  readonly dns?: readonly string[]
  /** An address where a DNS server takes every question and answers none. */
  readonly silent?: string
  readonly env?: Readonly<Record<string, string>>
  readonly budgetMs?: number
}

/** Looks names up in a namespace of their own with these system files. `heldMs`: how long the process lived on after. */
async function probe(world: World, names: readonly string[]): Promise<{found: Probed[]; heldMs: number}> {
  const folder = await mkdtemp(join(tmpdir(), 'names-'))
  onTestFinished(() => rm(folder, {recursive: true, force: true}))
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  const resolv = await file('resolv.conf', world.resolv)
  const hosts = await file('hosts', world.hosts ?? '127.0.0.1 localhost\n')
  const nsswitch = await file('nsswitch.conf', `hosts: ${world.nsswitch ?? 'files dns'}\n`)
  const dnsmasq = `dnsmasq --keep-in-foreground --user=root --pid-file= --conf-file=/dev/null --no-resolv --no-hosts --listen-address=127.0.0.1 --bind-interfaces`
  const silent = `"${process.execPath}" -e 'require("dgram").createSocket("udp4").bind(53, "${world.silent}"); require("net").createServer(() => {}).listen(53, "${world.silent}")'`
  const script = [
    'set -e',
    'ip link set lo up',
    `mount --bind ${resolv} /etc/resolv.conf`,
    `mount --bind ${hosts} /etc/hosts`,
    `mount --bind ${nsswitch} /etc/nsswitch.conf`,
    ...(world.silent ? [`${silent} & silent=$!`, bound(world.silent)] : []),
    ...(world.dns ? [`${dnsmasq} ${world.dns.map((one) => `'${one}'`).join(' ')} & dns=$!`, bound('127.0.0.1')] : []),
    'code=0; "$@" || code=$?',
    'date +%s%N >&2',
    'kill -9 $dns $silent || true',
    'exit $code',
  ].join('\n')
  const probing = [
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    join(import.meta.dirname, 'name-probe.ts'),
    String(world.budgetMs ?? 2500),
    world.silent ? 'no' : 'yes',
    ...names,
  ]
  return new Promise((resolve, reject) => {
    execFile(
      'unshare',
      ['-n', '-m', 'sh', '-c', script, 'sh', ...probing],
      {env: {PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...world.env}, timeout: 60_000},
      (error, stdout, stderr) => {
        const ended = /^\d{19}$/m.exec(stderr)
        if (error || !ended) reject(new Error(`${error?.message ?? ''}\n${stdout}${stderr}`))
        else {
          const {found, at} = JSON.parse(stdout) as {found: Probed[]; at: number}
          resolve({found, heldMs: Number(ended[0]) / 1e6 - at})
        }
      },
    )
  })
}

/** Waits until somebody has the DNS port there. */
const bound = (address: string): string =>
  `for i in $(seq 100); do ss -lun | grep -q '${address}:53 ' && break; sleep 0.1; done`

const CLUSTER = 'nameserver 127.0.0.1\nsearch ns1.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n'
const RECORDS = [
  '--host-record=mcp.ns1.svc.cluster.local,10.1.2.3,fd00::3',
  '--host-record=other.ns2.svc.cluster.local,10.1.2.4',
  '--host-record=api.example.com,192.0.2.7',
  '--host-record=six.example.com,2001:db8::6',
  '--cname=alias.example.com,api.example.com',
  '--txt-record=text.example.com,only',
  // Everything else does not exist, instead of being refused.
  '--local=/#/',
]
const NAMES = [
  'mcp',
  'MCP',
  'mcp.ns1.svc',
  'mcp.ns1',
  'other.ns2',
  'other',
  'mcp.ns1.svc.cluster.local',
  'mcp.ns1.svc.cluster.local.',
  'mcp.',
  'api.example.com',
  'api.example.com.',
  'alias.example.com',
  'six.example.com',
  'text.example.com',
  'nope.example.com',
  'printer',
  'both',
  'localhost',
]
const HOSTS = '127.0.0.1 localhost\n::1 localhost\n10.9.9.9 printer printer.lan\n10.9.9.1 both\nfd00::9 both\n'

/** Names that getaddrinfo itself does not find may still differ in the code; the addresses must not. */
const same = ({addresses, system}: Probed): void => {
  expect([...addresses].toSorted()).toEqual((Array.isArray(system) ? [...system] : []).toSorted())
}

describe('names are found exactly as getaddrinfo finds them', () => {
  beforeEach(needs(DNSMASQ))

  const worlds: Record<string, World> = {
    'in a Kubernetes pod': {resolv: CLUSTER},
    'with ndots:1': {resolv: CLUSTER.replace('ndots:5', 'ndots:1')},
    'without a search list': {resolv: 'nameserver 127.0.0.1\n'},
    'with a dead server in front': {resolv: 'nameserver 127.0.0.9\nnameserver 127.0.0.1\nsearch example.com\n'},
    'by the helper (other sources in nsswitch.conf)': {resolv: CLUSTER, nsswitch: 'files dns files'},
    'by the helper (LOCALDOMAIN is set)': {resolv: CLUSTER, env: {LOCALDOMAIN: 'example.com'}},
  }
  test.each(Object.entries(worlds))('%s', async (title, world) => {
    const {found} = await probe({hosts: HOSTS, dns: RECORDS, ...world}, NAMES)
    for (const one of found) {
      same(one)
      if (one.addresses.length > 0 && one.name !== 'localhost') {
        expect(one.how, one.name).toMatch(title.includes('helper') ? /^getaddrinfo$/ : /^(DNS|hosts file)/)
      }
    }
    const by = (name: string) => found.find((one) => one.name === name)!
    expect(by('printer').addresses).toEqual(['10.9.9.9'])
    expect(by('nope.example.com').how).toBe('dns_not_found')
    if (title === 'in a Kubernetes pod') {
      expect(by('mcp')).toMatchObject({how: 'DNS mcp.ns1.svc.cluster.local.'})
      expect(by('mcp').addresses.toSorted()).toEqual(['10.1.2.3', 'fd00::3'])
      expect(by('other.ns2').addresses).toEqual(['10.1.2.4'])
      expect(by('mcp.').how).toBe('dns_not_found')
      expect(by('text.example.com').how).toBe('dns_no_address')
    }
  })
})

describe('a DNS server that never answers', () => {
  test.each([
    ['our own queries', {}],
    ['the helper', {nsswitch: 'files dns files'}],
  ])('holds no lookup beyond its budget and no process at all (%s)', async (_name, more) => {
    const world: World = {resolv: CLUSTER, silent: '127.0.0.1', ...more}
    const {found, heldMs} = await probe(world, ['api.example.com', 'mcp', 'abort:other.example.com', 'localhost'])
    const [far, short, aborted, local] = found as [Probed, Probed, Probed, Probed]
    for (const one of [far, short]) {
      expect(one.how).toBe('dns_timeout')
      expect(one.ms).toBeGreaterThan(2450)
      expect(one.ms).toBeLessThan(8000)
    }
    expect(aborted.ms).toBeLessThan(2300)
    expect(local.addresses).toContain('127.0.0.1')
    expect(local.ms).toBeLessThan(2300)
    // getaddrinfo alone would have held it for ten seconds and more, all in all.
    expect(heldMs).toBeLessThan(4000)
  })

  test('in front of a good one leaves time for that', async (context) => {
    needs(DNSMASQ)(context)
    const resolv = 'nameserver 127.0.0.9\nnameserver 127.0.0.1\n'
    const {found} = await probe({resolv, silent: '127.0.0.9', dns: RECORDS}, ['api.example.com'])
    expect(found[0]).toMatchObject({how: 'DNS api.example.com.', addresses: ['192.0.2.7']})
  })

  test('and one where nobody listens is told apart', async () => {
    const {found} = await probe({resolv: 'nameserver 127.0.0.1\n'}, ['api.example.com'])
    expect(found[0]).toMatchObject({how: 'dns_server_down', addresses: []})
  })

  test('and one that refuses, too', async (context) => {
    needs(DNSMASQ)(context)
    const {found} = await probe({resolv: 'nameserver 127.0.0.1\n', dns: []}, ['api.example.com'])
    expect(found[0]).toMatchObject({how: 'dns_server_failed', addresses: []})
  })
})
