// A disk that is full takes no log. The log is not the daemon: it goes on, and stops in order when it is told to.

import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {RUN_JS, watchProgram} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {postMcp} from '../support/post-mcp.ts'
import {Tunnel} from './tunnel.ts'

/** Talks on stderr all the time. */
const LOUD_SERVER = `
setInterval(() => console.error('loud'), 10)
require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
  const {id} = JSON.parse(line)
  if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, result: {ok: 1}}))
})`

let tunnel: Tunnel
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(() => tunnel.stop())

test
  .skipIf(!existsSync('/dev/full'))
  .each(['2>/dev/full', '--log.format json >/dev/full 2>/dev/full', '--log.file /dev/full 2>/dev/full'])(
  'a daemon whose log finds no room serves and stops as ever: run %s',
  async (flags) => {
    const service = await tunnel.service()
    const [server, urlFile] = [tunnel.path('server.cjs'), tunnel.path('health.url')]
    writeFileSync(server, LOUD_SERVER)
    const run = `exec '${process.execPath}' '${RUN_JS}' run --control-plane.base-url ${service.baseUrl} --control-plane.tunnel-id ${service.tunnelId} --mcp.command '${process.execPath} ${server}' --health.listen-addr 127.0.0.1:0 --health.url-file '${urlFile}' ${flags}`
    const daemon = watchProgram(['/bin/sh', '-c', run], {env: {CONTROL_PLANE_API_KEY: service.runtimeKey}})
    const url = await eventually('the URL file', () => {
      if (daemon.child.exitCode !== null) throw new Error(`the daemon ended with ${daemon.child.exitCode}`)
      return readFileSync(urlFile, 'utf8')
    })
    await eventually('readiness', async () => (await fetch(`${url}/readyz`)).status === 200)
    for (let id = 0; id < 5; id++) {
      expect(await (await postMcp(service.mcpUrl, {id, method: 'tools/list'})).text()).toContain('"ok":1')
    }
    daemon.kill('SIGTERM')
    expect(await daemon.exited).toEqual({status: 0, signal: null})
  },
)
