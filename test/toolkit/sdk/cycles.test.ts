// A program that opens and closes tunnels all day keeps nothing of them.

import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {expect, it, onTestFinished} from 'vitest'
import {createTunnelClient, createTunnelService} from '../../../src/index.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

async function heap(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    gc()
  }
  return process.memoryUsage().heapUsed
}

it('keeps no memory, handle or listener over 200 starts and ends', async () => {
  const service = await createTunnelService()
  onTestFinished(() => service.close())
  const cycle = async (): Promise<void> => {
    const server = (): McpServer => new McpServer({name: 'a', version: '1'})
    const client = createTunnelClient({...service.clientOptions(), mcp: {server}})
    await client.start()
    await client.waitUntilReady()
    await client.close()
  }
  for (let n = 0; n < 50; n++) await cycle()
  const before = {heap: await heap(), handles: process.getActiveResourcesInfo().length, listeners: listeners()}
  for (let n = 0; n < 150; n++) await cycle()
  const after = {heap: await heap(), handles: process.getActiveResourcesInfo().length, listeners: listeners()}
  expect(after.listeners).toBe(before.listeners)
  expect(after.handles).toBeLessThanOrEqual(before.handles + 3)
  expect((after.heap - before.heap) / 150, 'bytes of heap for each start and end').toBeLessThan(15_000)
}, 300_000)

const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
