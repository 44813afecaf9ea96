// A stdio MCP server that knows no JSON. It appends every line it reads to a file (first argument). A request is answered
// with the bytes of the file that is named second, its own id token in the place of `@id@`, or with `{}`. Bytes that stand
// in a request as "answer" (base64) go before that. Two requests marked `"pair"` are answered together, each with a
// progress notification first, in reverse order of arrival.
import {appendFileSync, readFileSync} from 'node:fs'

const [, , log, answerFile] = process.argv
const waiting = []
const send = (text) => process.stdout.write(`${text}\n`)

function take(line) {
  appendFileSync(log, `${line}\n`)
  const id = /"(?:i|\\u0069)d"\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)/.exec(line.replace(/"x":\{"id":9\},/, ''))?.[1]
  if (id === undefined) return
  if (line.includes('"ping"')) return send(`{"jsonrpc":"2.0","id":${id},"result":{}}`)
  const answer = /"answer"\s*:\s*"([^"]*)"/.exec(line)?.[1]
  if (answer === undefined && answerFile !== undefined)
    return send(readFileSync(answerFile, 'utf8').replace('@id@', () => id))
  const result = answer ? Buffer.from(answer, 'base64').toString() : '{}'
  if (!line.includes('"pair"')) return send(`{"jsonrpc":"2.0","id":${id},"result":${result}}`)
  waiting.push({id, token: /"progressToken"\s*:\s*([^\s,}]+)/.exec(line)?.[1], result})
  if (waiting.length < 2) return
  for (const one of waiting.reverse()) {
    const params = `{"progressToken":${one.token},"progress":1,"message":${JSON.stringify(one.result)}}`
    send(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`)
    send(`{"jsonrpc":"2.0","id":${one.id},"result":${one.result}}`)
  }
  waiting.length = 0
}

// Not node:readline: since Node 24 that takes U+2028 for the end of a line.
let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()
  for (const line of lines) take(line)
})
