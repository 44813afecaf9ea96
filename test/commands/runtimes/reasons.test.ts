// What a user sees while waiting, and why something does not work.

import {createServer, type Server} from 'node:net'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {RUN_JS} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {needs, program} from '../../support/parts.ts'
import {terminal} from '../../support/terminal.ts'
import {runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A service that takes connections and never answers. */
async function silentService(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => {}))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as {port: number}).port}`
}

/** `runtimes …` at a terminal of 200 columns. */
const at = (...args: string[]) =>
  terminal(`stty cols 200; '${process.execPath}' '${RUN_JS}' runtimes ${args.join(' ')}; echo status=$?`, {
    ...world.env(),
    TERM: 'xterm',
  })

/** A server address at which nothing listens. */
const NOBODY = 'http://127.0.0.1:9/mcp'

describe('list with a scope and a service that is slow', () => {
  test('prints the local part at once, and waits for the service as long as was said', async () => {
    await world.connect('docs')
    const url = await silentService()
    const args = ['list', '--organization-id', 'org_1', '--control-plane-base-url', url, '--remote-timeout', '3s']
    const began = performance.now()
    const list = world.start(args)
    await list.output(/docs\t/)
    expect(list.child.exitCode).toBeNull()
    expect(await list.exited).toMatchObject({status: 1})
    expect(performance.now() - began).toBeGreaterThan(2900)
    expect(list.stderr()).toMatch(/no answer from .* within 3000 ms/)
  })

  test('waits more than a second without a flag', async () => {
    const url = await silentService()
    const list = world.start(['list', '--organization-id', 'org_1', '--control-plane-base-url', url])
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(list.child.exitCode).toBeNull()
  })

  test('says at a terminal whom it asks', async (context) => {
    needs(program('script', 'bsdutils'))(context)
    const url = await silentService()
    const shell = at('list', '--organization-id', 'org_1', '--control-plane-base-url', url, '--remote-timeout', '2s')
    await shell.shows(/asking http:\/\/127\.0\.0\.1:\d+ for tunnels, at most 2 s/)
    await shell.shows(/status=1/)
    await shell.close()
  })
})

describe('a runtime whose MCP server is down', () => {
  beforeEach(needs(program('script', 'bsdutils')))

  test('connect says that it is not ready and why, with the status of the reference; list names the reason', async () => {
    const order = ['connect', '--alias', 'broken', '--tunnel-id', TUNNEL, '--mcp-server-url', NOBODY]
    const {status, stdout} = await world.runtimes(order)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Connected broken using process mode\n.*broken is healthy, not ready: \S/)
    await eventually('the reason', async () => {
      const {document} = await world.json(['list'])
      return /mcp|server|connect/i.test(document.aliases[0].runtime_reason)
    })
    const shell = at('list')
    await shell.shows(/WHY/)
    await shell.shows(/broken\s+healthy.*(mcp|server|connect)/i)
    await shell.close()
  })

  test('connect --wait shows at a terminal what it waits for', async () => {
    const shell = at(
      'connect',
      '--alias',
      'broken',
      '--tunnel-id',
      TUNNEL,
      '--mcp-server-url',
      NOBODY,
      '--wait',
      '--timeout',
      '4s',
    )
    await shell.shows(/broken is (starting|healthy) \(\d+ s\): \S/)
    await shell.shows(/status=2/)
    await shell.close()
  })
})

test('stop of an idle runtime ends at once and speaks of no time-out', async () => {
  await world.connect('docs')
  const began = performance.now()
  const {status, stdout, stderr} = await world.runtimes(['stop', 'docs'])
  expect(status).toBe(0)
  expect(stdout).toBe('Stopped docs\n')
  expect(stderr).not.toMatch(/waiting|at most/)
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('stop of an idle runtime whose server does not end says what it waits for', async () => {
  const server = "trap '' TERM; while read line; do :; done; exec sleep 600"
  await world.runtimes(['connect', '--alias', 'docs', '--tunnel-id', TUNNEL, '--mcp-command', `sh -c "${server}"`])
  const {stderr, status} = await world.runtimes(['stop', 'docs'])
  expect(status).toBe(0)
  expect(stderr).not.toMatch(/at most \d+ s/)
  expect(stderr).toMatch(/closing its connections and MCP servers/)
})
