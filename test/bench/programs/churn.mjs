// The load side of the line stdio-churn: one steady caller with back-to-back calls, alone for a while and then beside callers
// that connect, call a few times and leave. Pauses come from a seeded generator. Prints `{"mark":"progress",…}` lines, then
// one line of results.
import {postBytes, RawConnection} from './raw-http.mjs'

const options = {
  callers: 16,
  seconds: 60,
  warmUpSeconds: 5,
  aloneSeconds: 5,
  stepMs: 50,
  restMs: 200,
  timeoutMs: 60_000,
  seed: 1,
}
Object.assign(options, JSON.parse(process.argv[2]))
const target = new URL(options.url)
const TOOL = 'bench/16/ascii/1'
const INITIALIZE = {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'churn', version: '1'}}
const counts = {connections: 0, calls: 0, lost: 0, wrong: 0}
const firstErrors = []
const waits = []
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** mulberry32: a small generator with a 32-bit seed. */
function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

let lastId = 1_000_000

/** One MCP client on one connection. */
class Client {
  #connection = new RawConnection({host: target.hostname, port: target.port})

  /** Sends a message. Resolves with the milliseconds that its right answer took, or null after counting what it was. */
  async send(method, params, isRequest = true) {
    const id = isRequest ? ++lastId : null
    const message = {jsonrpc: '2.0', ...(isRequest ? {id} : {}), method, params}
    const {bytes} = postBytes(target, JSON.stringify(message))
    const from = performance.now()
    let body = ''
    const {status, error} = await new Promise((resolve) => {
      const timer = setTimeout(() => this.#connection.destroy('no answer within the time-out'), options.timeoutMs)
      const onBody = (view) => {
        if (body.length < 4096) body += view.toString('latin1')
      }
      this.#connection.call(bytes, onBody, (ended, why) => {
        clearTimeout(timer)
        resolve({status: ended, error: why})
      })
    })
    const ms = performance.now() - from
    const right = isRequest
      ? status === 200 &&
        body.includes(`"id":${id},"result"`) &&
        body.includes(method === 'initialize' ? '"bench"' : 'quick')
      : status === 202
    if (right) return ms
    if (status === 0) counts.lost++
    else counts.wrong++
    if (firstErrors.length < 5) firstErrors.push(`${method}: ${error ?? `status ${status}`} ${body.slice(0, 200)}`)
    return null
  }

  leave() {
    this.#connection.destroy()
  }
}

let measuring = false
let churning = false
let over = false

async function steady() {
  const client = new Client()
  await client.send('initialize', INITIALIZE)
  await client.send('notifications/initialized', {}, false)
  const latencies = {alone: [], churn: []}
  while (!over) {
    const phase = churning ? 'churn' : 'alone'
    const ms = await client.send(TOOL, {})
    counts.calls++
    if (ms === null) await wait(20)
    else if (measuring) latencies[phase].push(ms)
  }
  client.leave()
  return latencies
}

async function churn(random) {
  await wait(random() * options.restMs)
  while (!over) {
    const client = new Client()
    counts.connections++
    const opened = await client.send('initialize', INITIALIZE)
    if (opened !== null) waits.push(opened)
    await wait(random() * options.stepMs)
    await client.send('notifications/initialized', {}, false)
    for (let calls = Math.floor(random() * 5); calls > 0 && !over; calls--) {
      await wait(random() * options.stepMs)
      await client.send(TOOL, {})
      counts.calls++
    }
    client.leave()
    await wait(random() * options.restMs)
  }
}

const figures = (values) => {
  const sorted = Float64Array.from(values).sort()
  const at = (q) => (sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))])
  return {count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1)}
}

const running = steady()
await wait(options.warmUpSeconds * 1000)
measuring = true
console.log('{"mark":"alone"}')
await wait(options.aloneSeconds * 1000)
churning = true
console.log('{"mark":"churn"}')
const watch = setInterval(() => console.log(JSON.stringify({mark: 'progress', ...counts})), 10_000)
const churners = Array.from({length: options.callers}, (_, n) => churn(generator(options.seed * 7919 + n)))
await wait(options.seconds * 1000)
over = true
clearInterval(watch)
console.log('{"mark":"over"}')
const latencies = await running
await Promise.all(churners)
const {alone, churn: beside} = latencies
console.log(
  JSON.stringify({...counts, firstErrors, alone: figures(alone), churn: figures(beside), opening: figures(waits)}),
)
process.exit(0)
