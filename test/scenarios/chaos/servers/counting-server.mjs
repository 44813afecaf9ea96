// An MCP server that keeps its own book: every execution of a call is one line of the journal file, written before the
// answer, and the answer follows from the key alone. So a scenario can prove what was run how often, whatever was answered.
//   node counting-server.mjs http|stdio <journal> [flags of child-faults.mjs]
import {openSync, writeSync} from 'node:fs'
import {createServer} from 'node:http'
import {afterAnswer, begin, misbehave} from './child-faults.mjs'

const [form, journalPath] = process.argv.slice(2)
const journal = openSync(journalPath, 'a')

/** Not ASCII only, and with what JSON escapes: broken bytes show. */
const answerTo = (key) =>
  `"${key}" → ключ ✓ 鍵 🗝 ${[...key].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) >>> 0, 7)}\n`

const HELLO = {
  protocolVersion: '2025-11-25',
  capabilities: {tools: {}},
  serverInfo: {name: 'counting-server', version: '1.0.0'},
}
const TOOLS = {tools: [{name: 'work', inputSchema: {type: 'object'}}]}

/** Calls `reply` once with the response message, and `notify` before it as often as the call asks. */
function handle(message, reply, notify) {
  const {id, method, params = {}} = message
  const result = (value) => reply({jsonrpc: '2.0', id, result: value})
  if (id === undefined) return
  if (method === 'initialize') return result(HELLO)
  if (method === 'ping') return result({})
  if (method === 'tools/list') return result(TOOLS)
  if (method !== 'tools/call') return reply({jsonrpc: '2.0', id, error: {code: -32601, message: 'Method not found'}})
  const {key, ms = 0, pad = 0} = params.arguments
  writeSync(journal, `${key}\n`)
  const token = params._meta?.progressToken
  if (token !== undefined) {
    notify({jsonrpc: '2.0', method: 'notifications/progress', params: {progressToken: token, progress: 1}})
  }
  const content = [{type: 'text', text: answerTo(key)}]
  if (pad > 0) content.push({type: 'text', text: 'п'.repeat(pad)})
  setTimeout(() => result({content}), ms)
}

function serveHttp() {
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end()
      const message = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      if (message.id === undefined) return void response.writeHead(202).end()
      const streams = message.params?.arguments?.via === 'sse' || message.params?._meta?.progressToken !== undefined
      const event = (value) => response.write(`event: message\ndata: ${JSON.stringify(value)}\n\n`)
      if (streams) response.writeHead(200, {'content-type': 'text/event-stream'})
      handle(
        message,
        (answer) => {
          if (streams) {
            event(answer)
            response.end()
            return
          }
          const body = Buffer.from(JSON.stringify(answer))
          response.writeHead(200, {'content-type': 'application/json', 'content-length': body.length}).end(body)
        },
        event,
      )
    })
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.stderr.write(`${JSON.stringify({port: server.address().port})}\n`))
}

function serveStdio() {
  const usual = (text) => process.stdout.write(text)
  const serve = (message, write = usual) => {
    const send = (value) => write(`${JSON.stringify(value)}\n`)
    const answer = (value) => {
      send(value)
      if (message.method === 'tools/call') afterAnswer()
    }
    handle(message, answer, send)
  }
  let rest = ''
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      if (line.trim() === '') continue
      const message = JSON.parse(line)
      misbehave(message, (write) => serve(message, write))
    }
  })
  process.stdin.on('end', () => process.exit(0))
}

if (form === 'stdio') {
  await begin()
  serveStdio()
} else serveHttp()
