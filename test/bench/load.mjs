// The load side: N callers in a closed loop for some seconds after a warm-up. Prints `{"mark":"start"}`, `{"mark":"end"}`
// around the measured window (the bench samples CPU there), then one line of results.
import {Pool} from 'undici'

const options = JSON.parse(process.argv[2])
const {url, callers, size, kind = 'ascii', delay = 0, seconds = 3, warmup = 1, token} = options
const target = new URL(url)
const pool = new Pool(target.origin, {connections: callers, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000})
const unit = kind === 'other' ? '漢字かな交じり文' : 'the quick brown fox '
const filler = JSON.stringify(unit.repeat(Math.ceil(size / Buffer.byteLength(unit))))
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  ...(token ? {'x-tunnel-ingress-token': token} : {}),
}
let id = 0
let measuring = false
let stopped = false
let errors = 0
const latencies = []
const firstErrors = []

async function caller() {
  while (!stopped) {
    const own = ++id
    const body = Buffer.from(
      `{"jsonrpc":"2.0","id":${own},"method":"bench/${size}/${kind}/${delay}","params":{"text":${filler}}}`,
    )
    const started = performance.now()
    try {
      const reply = await pool.request({method: 'POST', path: target.pathname, headers, body})
      const bytes = Buffer.from(await reply.body.arrayBuffer())
      const right = reply.statusCode === 200 && bytes.includes(`"id":${own},`) && bytes.length >= size
      if (!right) throw new Error(`status ${reply.statusCode}: ${bytes.toString('utf8', 0, 200)}`)
      if (measuring) latencies.push(performance.now() - started)
    } catch (error) {
      if (measuring) errors++
      if (firstErrors.length < 3) firstErrors.push(String(error?.message ?? error))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const loops = Array.from({length: callers}, caller)
await new Promise((resolve) => setTimeout(resolve, warmup * 1000))
console.log('{"mark":"start"}')
measuring = true
const from = performance.now()
await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
measuring = false
const took = (performance.now() - from) / 1000
console.log('{"mark":"end"}')
stopped = true
await Promise.allSettled(loops)
const sorted = Float64Array.from(latencies).sort()
const at = (q) => (sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))])
const cpu = process.cpuUsage()
console.log(
  JSON.stringify({
    calls: sorted.length,
    perSecond: sorted.length / took,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    errors,
    firstErrors,
    loadCpuSeconds: (cpu.user + cpu.system) / 1e6,
  }),
)
await pool.close()
