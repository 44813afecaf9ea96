// A stdio MCP server without an SDK, for everything that goes wrong between a client and a process. What it does at start
// is told by arguments, what it does per request by the method. It reads and writes bytes; nothing is parsed that need not.
//
//   --banner             prints lines that are no JSON-RPC first
//   --ignore-sigterm     stays alive on SIGTERM, and when stdin ends
//   --never-read         does not read stdin
//   --silent             reads and never answers
//   --shy                exits when anything but initialize comes first
//   --silent-before-initialized   answers initialize, and nothing else before notifications/initialized, as Java servers do
//   --no-ping            does not know ping
//   --ignore-ping        takes a ping and does not answer it
//   --exit N             exits at once with status N
//   --grandchild         starts a process that holds stdout and ignores SIGTERM; its pid is in `env/pids`
//   --strict             refuses requests between initialize and notifications/initialized, as Python servers do
//   --count FILE         appends a line to FILE at every start
//   --fail-starts N,M    with --count: exits at once at these starts
//   --silent-after N     with --count: is silent from start number N + 1 on
//
// Methods: initialize, ping; raw (the result is the bytes of params), seen (all lines so far, base64), delay {ms},
// progress {count} (then the result), note {method} (a notification first), ask {method, count} (requests to the client
// first, answered only after all replies, with the last as result), garbage {text}, broken {how} (an answer that is none),
// big {bytes}, huge {bytes, id: first | last} (the same, written in pieces), crash {code}, close-stdout,
// close-stdin, anonymous (an error without an id), task and tasks/result (its progress), block {ms} (reads nothing meanwhile),
// env (names of variables), pids, silent (no answer; `cancelled` lists the ids that were cancelled), two-lines.
import {spawn} from 'node:child_process'
import {appendFileSync, closeSync, readFileSync} from 'node:fs'

const flags = process.argv.slice(2)
const has = (flag) => flags.includes(flag)
const argumentOf = (flag) => flags[flags.indexOf(flag) + 1]
const write = (text) => process.stdout.write(`${text}\n`)
const answer = (id, result) => write(`{"jsonrpc":"2.0","id":${id},"result":${result}}`)
const seen = []
const cancelled = []
const asked = new Map()
let handshaken = false
let initialized = false
let grandchild = 0
let taskToken

if (has('--count')) appendFileSync(argumentOf('--count'), `${process.pid}\n`)
const starts = has('--count') ? readFileSync(argumentOf('--count'), 'utf8').trim().split('\n').length : 1
const silent = has('--silent') || (has('--silent-after') && starts > Number(argumentOf('--silent-after')))
if (has('--fail-starts') && argumentOf('--fail-starts').split(',').includes(String(starts))) process.exit(1)
if (has('--exit')) process.exit(Number(argumentOf('--exit')))
if (has('--banner')) process.stdout.write('Welcome to the server!\n\n{not json}\n[1,2\n')
if (has('--ignore-sigterm')) {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
}
if (has('--grandchild')) {
  const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'
  grandchild = spawn(process.execPath, ['-e', script], {stdio: ['ignore', 'inherit', 'inherit']}).pid
}
process.stderr.write('server is up\n')

const methods = {
  ping: ({id}) => answer(id, '{}'),
  raw: ({id, line}) => answer(id, /"params"\s*:\s*(.*)\}\s*$/s.exec(line)[1]),
  seen: ({id}) =>
    answer(id, JSON.stringify({lines: seen.map((line) => Buffer.from(line, 'latin1').toString('base64'))})),
  delay: ({id, params}) => setTimeout(() => answer(id, JSON.stringify(params)), params.ms),
  progress: ({id, params}) => {
    for (let n = 1; n <= params.count; n++) {
      const progress = {progressToken: params._meta.progressToken, progress: n}
      write(JSON.stringify({jsonrpc: '2.0', method: 'notifications/progress', params: progress}))
    }
    answer(id, '{}')
  },
  note: ({id, params}) => {
    write(JSON.stringify({jsonrpc: '2.0', method: params.method, params: params.params ?? {}}))
    answer(id, '{}')
  },
  ask: ({id, params: {method, count = 1}}) => {
    const open = {id, left: count}
    for (let n = 1; n <= count; n++) {
      const own = n === 1 ? `ask-${id}` : `ask-${id}-${n}`
      asked.set(own, open)
      write(JSON.stringify({jsonrpc: '2.0', id: own, method, params: {}}))
    }
  },
  garbage: ({id, params}) => {
    write(params.text)
    answer(id, '{}')
  },
  broken: ({id, params}) => {
    const head = `{"jsonrpc":"2.0","id":${id}`
    if (params.how === 'empty') write(`${head}}`)
    if (params.how === 'cut') write(`${head},"result":{"a":`)
  },
  huge: ({id, params}) => {
    const block = Buffer.alloc(1024 * 1024, 'x')
    process.stdout.write(
      params.id === 'first' ? `{"jsonrpc":"2.0","id":${id},"result":{"data":"` : '{"result":{"data":"',
    )
    for (let sent = 0; sent < params.bytes; sent += block.length) process.stdout.write(block)
    process.stdout.write(params.id === 'first' ? '"}}\n' : `"},"jsonrpc":"2.0","id":${id}}\n`)
  },
  big: ({id, params}) => answer(id, `{"data":"${'x'.repeat(params.bytes)}"}`),
  task: ({id, params}) => {
    taskToken = params._meta.progressToken
    answer(id, '{"task":{"taskId":"1"}}')
  },
  'tasks/result': ({id, params}) => {
    write(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: {progressToken: taskToken, progress: 1},
      }),
    )
    answer(id, JSON.stringify(params))
  },
  crash: ({params}) => process.exit(params.code ?? 3),
  'close-stdout': () => closeSync(1),
  'close-stdin': ({id}) => {
    process.stdin.destroy()
    closeSync(0)
    answer(id, '{}')
    setInterval(() => {}, 1000)
  },
  block: ({id, params}) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, params.ms)
    answer(id, '{}')
  },
  env: ({id}) => answer(id, JSON.stringify({names: Object.keys(process.env)})),
  pids: ({id}) => answer(id, JSON.stringify({own: process.pid, grandchild})),
  silent: () => {},
  cancelled: ({id}) => answer(id, JSON.stringify({ids: cancelled})),
  anonymous: () => write('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}'),
  listen: ({id, params}) => {
    const _meta = {'io.modelcontextprotocol/subscriptionId': Number(id)}
    write(JSON.stringify({jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: {_meta}}))
    if (!params.open) answer(id, JSON.stringify({_meta}))
  },
  initialize: ({id}) => {
    handshaken = true
    initialized = false
    answer(id, '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"raw-stdio","version":"7"}}')
  },
}
methods['subscriptions/listen'] = methods.listen
for (const name of ['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']) methods[name] = methods.ping
if (has('--no-ping')) delete methods.ping
if (has('--ignore-ping')) methods.ping = () => {}

function take(line) {
  if (line === '') return
  seen.push(line)
  if (silent) return
  const text = Buffer.from(line, 'latin1').toString()
  const message = JSON.parse(text)
  if (has('--shy') && !handshaken && message.method !== 'initialize') process.exit(1)
  if (message.method === undefined) {
    const open = asked.get(message.id)
    asked.delete(message.id)
    if (open === undefined) return
    open.left -= 1
    if (open.left === 0) answer(open.id, JSON.stringify(message))
    return
  }
  if (message.method === 'notifications/initialized') initialized = true
  if (message.method === 'notifications/cancelled') cancelled.push(message.params.requestId)
  if (message.id === undefined) return
  if (has('--silent-before-initialized') && !initialized && message.method !== 'initialize') return
  // The token as it stands in the line: a parsed one would have lost its digits.
  const id = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)/.exec(text)[1]
  const tooEarly = has('--strict') && handshaken && !initialized && !['initialize', 'ping'].includes(message.method)
  const act = methods[message.method]
  if (tooEarly) write(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32602,"message":"before initialized"}}`)
  else if (act === undefined) write(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,"message":"Method not found"}}`)
  else act({id, line: text, params: message.params ?? {}})
}

let rest = ''
if (has('--never-read')) setInterval(() => {}, 1000)
else {
  process.stdin.setEncoding('latin1')
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    for (const line of lines) take(line)
  })
}
