// The MCP project's own conformance suite, asked twice about the same server: directly and through the tunnel. Whatever it finds
// must be the same, the scenarios in which the server asks its client included.

import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {watchProgram} from '../support/cli.ts'
import {needs, type Part} from '../support/parts.ts'
import {type Binding, Tunnel} from './tunnel.ts'

const SUITE = join(
  fileURLToPath(new URL('../parts/conformance', import.meta.url)),
  'node_modules/@modelcontextprotocol/conformance/dist/index.js',
)
const SCENARIOS = 32

/** The suite runs on Node 22 or later: this one, or npm's. */
const node22 = ((): string | null => {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  const print = ['-y', '-p', 'node@22', 'node', '-p', 'process.execPath']
  const {status, stdout} = spawnSync('npx', ['--offline', ...print], {encoding: 'utf8'})
  return status === 0 ? stdout.trim() : null
})()

const CONFORMANCE: Part = {
  name: 'the MCP conformance suite',
  get: 'Run npm ci --prefix test/parts/conformance && npx -y -p node@22 node --version (51 MB)',
  missing: () => {
    if (!existsSync(SUITE)) return 'not installed'
    return node22 === null ? 'it needs Node 22' : false
  },
}

/** What the suite found: scenario → checks with their status, those that are remarks only left out. */
type Findings = Record<string, string[]>

async function findingsAt(url: string, folder: string): Promise<Findings> {
  const run = watchProgram([node22!, SUITE, 'server', '--url', url, '--suite', 'all', '-o', folder])
  await run.exited
  const findings: Findings = {}
  for (const name of readdirSync(folder)) {
    const checks = JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as {id: string; status: string}[]
    // The folder is named after the scenario and the time.
    const scenario = name.replace(/^server-|-\d{4}-\d\d-\d\dT.*$/g, '')
    findings[scenario] = checks.filter(({status}) => status !== 'INFO').map(({id, status}) => `${id}: ${status}`)
  }
  return findings
}

const SERVERS: Record<string, (tunnel: Tunnel) => Promise<Binding & {http: string}>> = {
  'a server that conforms and asks during its calls': (tunnel) => tunnel.scenarioServer('conformance-server.mjs'),
  'a server that conforms and asks outside of its calls': (tunnel) =>
    tunnel.scenarioServer('conformance-server.mjs', 'session'),
  'the reference server, which has other tools': (tunnel) => tunnel.everythingHttp(),
}

describe.each(Object.entries(SERVERS))('the conformance suite about %s', (name, start) => {
  beforeEach(needs(CONFORMANCE))
  const tunnel = new Tunnel()
  let direct: Findings = {}
  let tunnelled: Findings = {}

  beforeAll(async () => {
    if (CONFORMANCE.missing() !== false) return
    const server = await start(tunnel)
    const service = await tunnel.service()
    await (await tunnel.daemon(service, server)).ready()
    direct = await findingsAt(server.http, tunnel.path('direct'))
    tunnelled = await findingsAt(service.mcpUrl, tunnel.path('tunnelled'))
  }, 300_000)

  afterAll(() => tunnel.stop())

  test(`finds the same through the tunnel, in all ${SCENARIOS} scenarios`, () => {
    expect(Object.keys(direct)).toHaveLength(SCENARIOS)
    // Whether web pages that rebound a name get in is decided where the connection ends: our door keeps them out.
    const door = ['localhost-host-rebinding-rejected: SUCCESS', 'localhost-host-valid-accepted: SUCCESS']
    expect(tunnelled).toEqual({...direct, 'dns-rebinding-protection': door})
  })

  if (name.includes('conforms')) {
    test('finds nothing wrong at all', () => {
      expect(
        Object.values(tunnelled)
          .flat()
          .filter((check) => check.endsWith('FAILURE')),
      ).toEqual([])
      expect(tunnelled['tools-call-sampling']).toEqual(['tools-call-sampling: SUCCESS'])
      expect(tunnelled['elicitation-sep1330-enums']).toHaveLength(5)
    })
  }
})
