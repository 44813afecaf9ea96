// Poll answers of a broken or hostile service, up to the 64 MiB that are read: the built daemon stays responsive and small, and
// every command that names a request id gets one answer.

import {readFileSync} from 'node:fs'
import {availableParallelism, loadavg} from 'node:os'
import {Worker} from 'node:worker_threads'
import {afterEach, expect, test} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {type ScriptedControlPlane, scriptedControlPlane} from '../support/scripted-control-plane.ts'
import {everythingStdio, Tunnel} from './tunnel.ts'

const TUNNEL_ID = `tunnel_${'5'.repeat(32)}`
const MIB = 1024 * 1024
/** `FLOOD_COMMANDS=100000` takes half a minute. */
const COMMANDS = Number(process.env.FLOOD_COMMANDS ?? 20_000)
/** Longest answer of `/healthz`, on a machine that does nothing else. */
const allowedMs = (): number => 1000 * Math.max(1, loadavg()[0]! / availableParallelism())
/** Asks for `/healthz` without a pause, in a thread that this process's work does not delay, and keeps the slowest answer. */
const WATCH = `
const {parentPort, workerData} = require('node:worker_threads')
let slowest = 0
let over = false
parentPort.on('message', () => { over = true })
const look = async () => {
  while (!over) {
    const start = performance.now()
    const reply = await fetch(workerData + '/healthz').catch((error) => ({status: String(error), text() {}}))
    await reply.text()
    slowest = reply.status === 200 ? Math.max(slowest, performance.now() - start) : Infinity
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  parentPort.postMessage(slowest)
}
look()
`

let plane: ScriptedControlPlane
let tunnel: Tunnel
afterEach(async () => {
  await tunnel.stop()
  await plane.close()
})

const call = (id: string): string =>
  `{"request_id":"${id}","shard_token":"s","command_type":"jsonrpc","jsonrpc":{"jsonrpc":"2.0","id":1,"method":"ping"}}`

/** Answers one poll with `body`, then waits until `met`; returns what was seen meanwhile. */
async function flood(body: Buffer, met: () => boolean): Promise<{slowestMs: number; peakBytes: number}> {
  plane = await scriptedControlPlane({tunnelId: TUNNEL_ID})
  tunnel = new Tunnel()
  const service = {baseUrl: plane.origin.origin, tunnelId: TUNNEL_ID, runtimeKey: 'sk-test'}
  const daemon = await tunnel.daemon(service, everythingStdio)
  await plane.until('a held poll', () => plane.heldPolls === 1)
  const url = readFileSync(daemon.urlFile, 'utf8')
  const watch = new Worker(WATCH, {eval: true, workerData: url})
  plane.onPoll = (_, response) => {
    plane.onPoll = undefined
    response.setHeader('content-type', 'application/json')
    response.end(body)
    return true
  }
  plane.enqueue(call('first'))
  await eventually('the flood to be over', met, {timeoutMs: 100_000})
  // The daemon polls again, and works.
  plane.enqueue(call('last'))
  expect((await plane.terminal('last')).json.resp_code).toBe(200)
  const slowestMs = await new Promise<number>((resolve) => {
    watch.once('message', resolve)
    watch.postMessage('stop')
  })
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8'))
  const seen = {slowestMs, peakBytes: Number(peak![1]) * 1024}
  if (process.env.SHOW_FIGURES) console.log(`${Math.round(slowestMs)} ms, ${Math.round(seen.peakBytes / MIB)} MiB`)
  return seen
}

const wrapped = (elements: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"commands":['), Buffer.from(elements), Buffer.from(']}')])

const terminals = (): string[] => plane.responses.map(({json}) => json?.request_id as string)

test('tens of thousands of calls in one answer: each gets one answer, while the daemon stays responsive and below 450 MB', async () => {
  const ids = Array.from({length: COMMANDS}, (_, i) => `r${i}`)
  const {slowestMs, peakBytes} = await flood(wrapped(ids.map(call).join(',')), () => plane.responses.length > COMMANDS)
  expect(slowestMs).toBeLessThan(allowedMs())
  expect(peakBytes).toBeLessThan(450e6)
  const answered = terminals()
  expect(new Set(answered)).toEqual(new Set(['first', 'last', ...ids]))
  expect(answered).toHaveLength(ids.length + 2)
  const codes = new Map<number, number>()
  for (const {json} of plane.responses) codes.set(json.resp_code, (codes.get(json.resp_code) ?? 0) + 1)
  expect([...codes.keys()].toSorted()).toEqual([200, 503])
  expect(codes.get(200)).toBeGreaterThanOrEqual(20)
}, 120_000)

const many = (element: string, bytes: number): string => element.repeat(Math.floor(bytes / element.length))

test.each<[string, () => Buffer]>([
  ['numbers', () => wrapped(`${call('good')},${many('0,', 16 * MIB)}0`)],
  ['empty objects', () => wrapped(`${call('good')},${many('{},', 16 * MIB)}0`)],
  ['members of one command', () => wrapped(`${call('good')},{${many('"":0,', 60 * MIB)}"a":0}`)],
  ['members of one call', () => wrapped(`${call('good')},${call('x').slice(0, -2)},${many('"":0,', 60 * MIB)}"a":0}}`)],
  [
    'header fields of one command',
    () => wrapped(`${call('good')},${call('x').slice(0, -1)},"headers":{${many('"a":[],', 60 * MIB)}"a":[]}}`),
  ],
  ['members beside the commands', () => Buffer.from(`{"commands":[${call('good')}],${many('"":0,', 60 * MIB)}"a":0}`)],
  ['brackets', () => wrapped(`${call('good')},${'['.repeat(30 * MIB)}${']'.repeat(30 * MIB)}`)],
])(
  'megabytes of %s beside a good call: it is run, and the daemon stays responsive',
  async (_name, body) => {
    const {slowestMs} = await flood(body(), () => terminals().includes('good') && plane.polls.length >= 3)
    expect(slowestMs).toBeLessThan(allowedMs())
    expect(plane.responses.find(({json}) => json.request_id === 'good')?.json.resp_code).toBe(200)
  },
  120_000,
)
