// Run by stderr-tail.test.ts with a stderr that takes nothing: passes the stderr of a child on to it for a while, and says what
// a call got afterwards.

import {createHttpDoor, silentLogger, systemClock} from '../../../../src/foundation/platform/index.ts'
import {createChannels} from '../../../../src/tunnel/channels/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, stdioBinding} from '../../../support/open-channel.ts'

const SERVER = `
  let said = 0
  setInterval(() => console.error('still', ++said), 5)
  require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
    const {id} = JSON.parse(line)
    if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, result: {said}}))
  })`
const [channel] = createChannels({
  door: createHttpDoor(),
  log: silentLogger,
  clock: systemClock,
  identity: {name: 'tunnel-client-ts', version: '0'},
  bindings: [stdioBinding([process.execPath, '-e', SERVER])],
})
await channel!.start()
const said = await eventually('a child that has said a lot', async () => {
  const {response} = await call(channel!, '{"jsonrpc":"2.0","id":1,"method":"x"}')
  return (JSON.parse(response ?? '{}').result?.said ?? 0) > 20
})
await channel!.stop()
process.stdout.write(String(said))
