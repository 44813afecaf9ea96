// The load side: N callers in a closed loop, or one call each (`once`). Prints `{"mark":…}` lines where the bench samples
// CPU, then one line of results. Requests are made once and only their id is written anew; answers are not kept.
import {postBytes, RawConnection} from './raw-http.mjs'

const options = {
  size: 16,
  kind: 'ascii',
  delay: 0,
  seconds: 3,
  warmup: 1,
  timeoutMs: 60_000,
  ...JSON.parse(process.argv[2]),
}
const {callers, size, kind, delay, progress = 0, token, protocol} = options
const target = new URL(options.url)
const unit = kind === 'other' ? '漢字かな交じり文' : 'the quick brown fox '
const text = JSON.stringify(unit.repeat(Math.ceil(size / Buffer.byteLength(unit))))
const method = options.method ?? (progress > 0 ? `progress/${progress}` : `bench/${size}/${kind}/${delay}`)
const FIRST_ID = 1_000_000_000
const PLACE = '"id":'
const template = postBytes(
  target,
  `{"jsonrpc":"2.0","id":${FIRST_ID},"method":"${method}","params":{"_meta":{"progressToken":${FIRST_ID}},"text":${text}}}`,
  {
    ...(token ? {'x-tunnel-ingress-token': token} : {}),
    ...(protocol ? {'mcp-protocol-version': protocol, 'mcp-method': method} : {}),
  },
)
const idAt = template.offset + '{"jsonrpc":"2.0","id":'.length
const tokenAt = template.bytes.indexOf('"progressToken":', template.offset) + '"progressToken":'.length

let lastId = FIRST_ID
let started = 0
let finished = 0
let measuring = false
let stopped = false
let errors = 0
let lost = 0
let notifications = 0
let missing = 0
let misplaced = 0
let latencies = new Float64Array(1 << 16)
let measured = 0
const statuses = {}
const firstErrors = []
const answers = []
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const mark = (fields) => console.log(JSON.stringify(fields))

/** One call of one caller: resolves with what came back. */
class Caller {
  #connection = new RawConnection({host: target.hostname, port: target.port})
  #bytes = Buffer.from(template.bytes)
  since = 0
  #expected = ''
  #start = ''
  #length = 0
  #seen = 0
  #answered = false
  #rest = ''
  #resolve = null

  call() {
    const id = String(++lastId)
    this.#bytes.latin1Write(id, idAt)
    this.#bytes.latin1Write(id, tokenAt)
    this.#expected = `${PLACE}${id}`
    this.#start = ''
    this.#length = 0
    this.#seen = 0
    this.#answered = false
    this.#rest = ''
    this.since = performance.now()
    started++
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#connection.call(this.#bytes, this.#onBody, this.#onEnd)
    })
  }

  giveUp(why) {
    this.#connection.destroy(why)
  }

  #onBody = (view) => {
    if (progress > 0) this.#events(view)
    if (this.#length < 400) this.#start += view.toString('latin1', 0, 400 - this.#length)
    this.#length += view.length
  }

  #onEnd = (status, error) => {
    const ms = performance.now() - this.since
    this.since = 0
    const complete = progress > 0 ? this.#answered : this.#start.includes(this.#expected) && this.#length >= size
    const right = status === 200 && complete && error === null
    if (progress > 0) missing += progress - this.#seen
    this.#resolve({status, right, ms, error, text: this.#start.slice(0, 400)})
  }

  /** Counts progress notifications and looks at their order. */
  #events(view) {
    const lines = (this.#rest + view.latin1Slice()).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) {
      const at = line.indexOf('"progress":')
      if (at < 0) {
        if (line.includes(this.#expected)) this.#answered = true
        continue
      }
      this.#seen++
      notifications++
      if (Number.parseInt(line.slice(at + 11), 10) !== this.#seen) misplaced++
    }
  }
}

function account({status, right, ms, error, text: answer}) {
  finished++
  if (right) {
    if (!measuring) return
    if (measured === latencies.length) {
      const more = new Float64Array(measured * 2)
      more.set(latencies)
      latencies = more
    }
    latencies[measured++] = ms
    return
  }
  if (status === 0) lost++
  else statuses[status] = (statuses[status] ?? 0) + 1
  errors++
  if (firstErrors.length < 3) firstErrors.push(error ?? `status ${status}: ${answer.slice(0, 200)}`)
}

const all = Array.from({length: callers}, () => new Caller())
const overdue = setInterval(() => {
  const now = performance.now()
  for (const caller of all) {
    if (caller.since > 0 && now - caller.since > options.timeoutMs) caller.giveUp('no answer within the time-out')
  }
}, 500)

async function loop(caller, most) {
  for (let made = 0; !stopped && made < most; made++) {
    const result = await caller.call()
    account(result)
    if (!result.right) await wait(20)
  }
}

let took = 0
let cpuFrom = process.cpuUsage()
if (options.once) {
  const calls = all.map(async (caller) => answers.push(await caller.call()))
  mark({mark: 'sent'})
  await Promise.all(calls)
} else if (options.calls || progress > 0) {
  // A fixed number of calls; `every` asks for signs of progress on the way.
  measuring = true
  mark({mark: 'start'})
  const from = performance.now()
  let next = options.every ?? Number.POSITIVE_INFINITY
  const watch = setInterval(() => {
    if (finished < next) return
    mark({mark: 'progress', finished, errors})
    while (next <= finished) next += options.every
  }, 50)
  const share = Math.ceil((options.calls ?? callers) / callers)
  await Promise.all(all.map((caller) => loop(caller, share)))
  clearInterval(watch)
  took = (performance.now() - from) / 1000
  mark({mark: 'end'})
} else {
  const loops = all.map((caller) => loop(caller, Number.POSITIVE_INFINITY))
  await wait(options.warmup * 1000)
  errors = 0
  lost = 0
  firstErrors.length = 0
  cpuFrom = process.cpuUsage()
  mark({mark: 'start'})
  measuring = true
  const from = performance.now()
  await wait(options.seconds * 1000)
  measuring = false
  took = (performance.now() - from) / 1000
  mark({mark: 'end'})
  stopped = true
  await Promise.allSettled(loops)
}
clearInterval(overdue)
const cpu = process.cpuUsage(cpuFrom)
const sorted = latencies.subarray(0, measured).sort()
const at = (q) => (measured === 0 ? null : sorted[Math.min(measured - 1, Math.floor(q * measured))])
console.log(
  JSON.stringify({
    calls: measured,
    perSecond: measured / took,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    worst: at(1),
    started,
    finished,
    errors,
    lost,
    statuses,
    firstErrors,
    notifications,
    perSecondNotifications: notifications / took,
    missing,
    misplaced,
    answers,
    seconds: took,
    loadCpuSeconds: (cpu.user + cpu.system) / 1e6,
  }),
)
process.exit(0)
