// What a shell hands to a command must not live on in what the command starts.

import {existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs'
import {beforeEach, expect, test} from 'vitest'
import {RUN_JS, watchProgram} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {PROC} from '../../support/listening.ts'
import {needs, program} from '../../support/parts.ts'
import {runtimesWorld, TUNNEL} from './world.ts'

const world = runtimesWorld()
beforeEach(needs(PROC, program('flock', 'util-linux'), program('bash', 'bash')))

const openFiles = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return ''
    }
  })

test('connect: the lock of a shell script is free when the script has ended, and no child holds it', async () => {
  const lock = world.path('lock')
  const pidFile = world.path('server.pid')
  const server = world.path('server.mjs')
  writeFileSync(
    server,
    `import {writeFileSync} from 'node:fs'
import {createInterface} from 'node:readline'
writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))
for await (const line of createInterface({input: process.stdin})) {
  const {id} = JSON.parse(line)
  if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, result: {}}))
}
`,
  )
  const connect = [process.execPath, RUN_JS, 'runtimes', 'connect', '--alias', 'docs', '--tunnel-id', TUNNEL]
    .concat('--mcp-command', `${process.execPath} ${server}`)
    .map((word) => `'${word}'`)
    .join(' ')
  const files = [3, 9, 17, 200].map((fd) => `exec ${fd}>'${lock}'`).join('; ')
  const script = watchProgram(['bash', '-c', `${files}; flock -n 200 || exit 9; ${connect}`], {
    env: world.env(),
    cwd: world.home,
  })
  expect(await script.exited).toMatchObject({status: 0})
  const {pid} = world.records('processes').docs
  await eventually('the MCP server runs', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '')
  const others = watchProgram(['flock', '-n', lock, 'true'])
  expect(await others.exited).toMatchObject({status: 0})
  for (const one of [pid, Number(readFileSync(pidFile, 'utf8'))]) expect(openFiles(one)).not.toContain(lock)
  await world.runtimes(['stop', 'docs'])
})

test('run: an MCP server inherits nothing that the daemon was given', async () => {
  const lock = world.path('lock')
  const pidFile = world.path('server.pid')
  const server = `sh -c 'echo $$ > ${pidFile}; exec cat'`
  const run = [process.execPath, RUN_JS, 'run', '--control-plane.base-url', world.service.controlPlaneBaseUrl]
    .concat('--control-plane.tunnel-id', TUNNEL, '--mcp.command', server, '--health.listen-addr', '127.0.0.1:0')
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')
  const daemon = watchProgram(['bash', '-c', `exec 200>'${lock}'; exec ${run}`], {env: world.env(), cwd: world.home})
  try {
    await eventually('the MCP server runs', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '')
    expect(openFiles(daemon.pid)).toContain(lock)
    expect(openFiles(Number(readFileSync(pidFile, 'utf8')))).not.toContain(lock)
  } finally {
    await daemon.stop()
  }
})
