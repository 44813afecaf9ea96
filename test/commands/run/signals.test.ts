// Signals as they arrive in practice: log rotation, and one Ctrl-C that a package manager passes on a second time.

import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {beforeEach, describe, expect, test} from 'vitest'
import {cli, RUN_JS} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {needs, program} from '../../support/parts.ts'
import {terminal} from '../../support/terminal.ts'
import {CANARY, runWorld, TUNNEL} from './world.ts'

const world = runWorld()
const {path, call} = world

const SECOND = `import {createInterface} from 'node:readline'
for await (const line of createInterface({input: process.stdin})) {
  const {id, method} = JSON.parse(line)
  if (id === undefined) continue
  const answer = () => console.log(JSON.stringify({jsonrpc: '2.0', id, result: {said: 'after a second'}}))
  if (method === 'tools/call') setTimeout(answer, 1500)
  else answer()
}
`

describe.each(['SIGUSR1', 'SIGHUP'] as const)('%s to a daemon without a terminal', (signal) => {
  test('opens the log file again: what is written after a rename goes to a new file, and no record is lost', async () => {
    const log = path('daemon.log')
    const daemon = world.own(
      cli(
        ['run', '--control-plane.base-url', world.service.controlPlaneBaseUrl, '--control-plane.tunnel-id', TUNNEL]
          .concat('--mcp.server-url', world.stub.mcpUrl, '--health.listen-addr', '127.0.0.1:0')
          .concat('--log.file', log, '--log.format', 'json', '--log.level', 'debug'),
        {env: {CONTROL_PLANE_API_KEY: CANARY}},
      ),
    )
    const text = (name: string): string => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '')
    await eventually('the start', () => text('daemon.log').includes('poller started'))
    for (const round of [1, 2, 3]) {
      await call('echo', {input: `before ${round}`})
      renameSync(log, `${log}.${round}`)
      daemon.kill(signal)
      await eventually('a new file', () => existsSync(log))
      await call('echo', {input: `after ${round}`})
      await eventually('records in it', () => text('daemon.log').includes('\n'))
    }
    daemon.kill('SIGTERM')
    expect((await daemon.exited).status).toBe(0)
    const records = ['daemon.log.1', 'daemon.log.2', 'daemon.log.3', 'daemon.log']
      .flatMap((name) => text(name).trim().split('\n'))
      .map((line) => JSON.parse(line) as {msg: string; time: string})
    const times = records.map(({time}) => time)
    expect(times).toEqual(times.toSorted())
    for (const msg of ['tunnel-client startup summary', 'poller stopped'])
      expect(records.filter((record) => record.msg === msg)).toHaveLength(1)
    expect(records.filter(({msg}) => /dropped|could not/.test(msg))).toEqual([])
  })
})

describe('one Ctrl-C under npm', () => {
  beforeEach(needs(program('script', 'bsdutils'), program('npm', 'npm'), program('bash', 'bash')))

  test.each(['npm run start', 'npm exec --offline -- tunnel-start'])(
    '%s: the call in flight is answered',
    async (command) => {
      const server = path('second.mjs')
      writeFileSync(server, SECOND)
      const urlFile = path('npm.url')
      const line = [process.execPath, RUN_JS, 'run', '--control-plane.base-url', world.service.controlPlaneBaseUrl]
        .concat('--control-plane.tunnel-id', TUNNEL, '--mcp.command', `'${process.execPath}' '${server}'`)
        .concat('--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile)
        .map((word) => `"${word}"`)
        .join(' ')
      writeFileSync(path('start.sh'), `#!/bin/sh\nexec ${line}\n`, {mode: 0o755})
      writeFileSync(
        path('package.json'),
        JSON.stringify({name: 'tunnel-start', version: '1.0.0', bin: './start.sh', scripts: {start: './start.sh'}}),
      )
      const shell = terminal(`cd '${path('.')}' && exec ${command}`, {
        CONTROL_PLANE_API_KEY: CANARY,
        HOME: path('.'),
        // bash replaces itself by the last command, so that npm's copy of the signal reaches the daemon, too.
        npm_config_script_shell: 'bash',
      })
      try {
        await eventually(
          'ready',
          async () => existsSync(urlFile) && (await fetch(`${readFileSync(urlFile, 'utf8')}/readyz`)).ok,
        )
        const answer = call('anything', {})
        const health = readFileSync(urlFile, 'utf8')
        await eventually('the call runs', async () =>
          (await (await fetch(`${health}/metrics`)).text()).includes('occupancy 1\n'),
        )
        shell.type('\u0003')
        expect(await answer).toContain('after a second')
        await shell.shows(/drained .*finished=1/)
      } finally {
        await shell.close()
      }
    },
  )
})
