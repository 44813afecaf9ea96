// A stdio MCP server that knows no JSON: it appends every line it reads to a file (first argument), and answers a request
// with the bytes that stand in it as "answer" (base64), its own id token in front. Two requests marked `"pair"` are
// answered together, each with a progress notification first, in reverse order of arrival.
import {appendFileSync} from 'node:fs'
import {createInterface} from 'node:readline'

const waiting = []
const send = (text) => process.stdout.write(`${text}\n`)

createInterface({input: process.stdin}).on('line', (line) => {
  appendFileSync(process.argv[2], `${line}\n`)
  const id = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)/.exec(line)?.[1]
  if (id === undefined) return
  const answer = /"answer"\s*:\s*"([^"]*)"/.exec(line)?.[1]
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
})
