// More than anybody reads at once: bursts of progress through separate processes. The server is slowed down, so that
// nothing is lost.

import {afterEach, beforeEach, expect, test} from 'vitest'
import {postMcp} from '../support/post-mcp.ts'
import {sdkServerStdio, Tunnel} from './tunnel.ts'

let tunnel: Tunnel
beforeEach(() => {
  tunnel = new Tunnel()
})
afterEach(() => tunnel.stop())

const COUNT = 2000

/** The numbers of the progress that arrived, and whether the answer came after it. */
async function burst(url: string, count = COUNT): Promise<{numbers: number[]; answered: boolean}> {
  const params = {name: 'steps', arguments: {count}, _meta: {progressToken: 'p'}}
  const reply = await postMcp(url, {id: 1, method: 'tools/call', params})
  const text = await reply.text()
  const numbers = [...text.matchAll(/"progress":(\d+)/g)].map(([, number]) => Number(number))
  return {numbers, answered: text.trimEnd().split('\n').at(-1)!.includes(`"${count} steps"`)}
}

test('2000 progress notifications over HTTP: all of them, in order, then the answer, three times in a row', async () => {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, await tunnel.sdkServer())
  await daemon.ready()
  for (let round = 0; round < 3; round++) {
    const {numbers, answered} = await burst(service.mcpUrl)
    expect(numbers).toEqual(Array.from({length: COUNT}, (_, i) => i + 1))
    expect(answered).toBe(true)
  }
})

test('2000 progress notifications over stdio: all of them, in order, then the answer, three times in a row', async () => {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, sdkServerStdio)
  await daemon.ready()
  for (let round = 0; round < 3; round++) {
    const {numbers, answered} = await burst(service.mcpUrl)
    expect(numbers).toEqual(Array.from({length: COUNT}, (_, i) => i + 1))
    expect(answered).toBe(true)
  }
})

test('8 callers with 500 progress notifications each over stdio, at the same time: none is lost', async () => {
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, sdkServerStdio)
  await daemon.ready()
  const bursts = await Promise.all(Array.from({length: 8}, () => burst(service.mcpUrl, 500)))
  for (const {numbers, answered} of bursts) {
    expect(numbers).toEqual(Array.from({length: 500}, (_, i) => i + 1))
    expect(answered).toBe(true)
  }
})
