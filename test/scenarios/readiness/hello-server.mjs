// An MCP server over HTTP at the port that was asked for (argument, 0: any): every request gets the answer of a handshake.
import {createServer} from 'node:http'

const result = {protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {name: 'hello', version: '1'}, tools: []}
const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const {id} = JSON.parse(Buffer.concat(chunks).toString())
    if (id === undefined) return void response.writeHead(202).end()
    response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify({jsonrpc: '2.0', id, result}))
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1', () =>
  process.stderr.write(`${JSON.stringify({port: server.address().port})}\n`),
)
