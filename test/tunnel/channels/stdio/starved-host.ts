// A process of its own for supervisor.test.ts: what a channel does on a host that has no descriptor left, told in one line of
// JSON. Started under a small `ulimit -n`.

import {closeSync, openSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {eventually} from '../../../support/eventually.ts'
import {call, openChannels, stdioBinding} from '../../../support/open-channel.ts'

const SERVER = fileURLToPath(new URL('../../../support/servers/stdio-server.mjs', import.meta.url))
const request = (id: number, method: string): string => JSON.stringify({jsonrpc: '2.0', id, method, params: {}})

const {channel, records, close} = openChannels({bindings: [stdioBinding([process.execPath, SERVER])]})
await channel.start()
await call(channel, request(1, 'ping'))
const taken: number[] = []
const takeAll = (): void => {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {}
}
takeAll()
const crashed = call(channel, request(2, 'crash'))
const tries = (): number => records.filter(({message}) => message === 'stdio MCP command cannot be started').length
await eventually('some tries', () => {
  takeAll()
  return tries() >= 3
})
const evidence = channel.status().evidence
const refused = (await call(channel, request(3, 'ping'))).failure
for (const fd of taken.splice(0)) closeSync(fd)
const evidenceAfter = await eventually('another child', () => {
  const now = channel.status().evidence
  return now.state === 'ok' && now
})
const answered = (await call(channel, request(4, 'ping'))).response
await close()
const crash = (await crashed).failure
console.log(JSON.stringify({crash, evidence, refused, evidenceAfter, answered}))
