// An MCP server whose tools are quick, slow (400 ms) or broken, over HTTP (prints `{"port":…}`) or stdio (`--stdio`).

import {createServer} from 'node:http'
import {createInterface} from 'node:readline'

const INITIALIZED = {
  protocolVersion: '2025-06-18',
  capabilities: {tools: {}},
  serverInfo: {name: 'traced', version: '1'},
}

/** Calls `say` with the result of a request; `broken` for the broken tool. */
function serve({method, params}, say, broken) {
  if (method === 'initialize') say(INITIALIZED)
  else if (params?.name === 'slow') setTimeout(() => say({content: []}), 400)
  else if (params?.name === 'broken') broken()
  else say({content: []})
}

if (process.argv.includes('--stdio')) {
  createInterface({input: process.stdin}).on('line', (line) => {
    const message = JSON.parse(line)
    if (message.id === undefined || message.method === undefined) return
    const say = (result) => process.stdout.write(`${JSON.stringify({jsonrpc: '2.0', id: message.id, result})}\n`)
    serve(message, say, () => process.exit(3))
  })
} else {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (request.method !== 'POST') return response.writeHead(405).end()
      const message = JSON.parse(body)
      if (message.id === undefined) return response.writeHead(202).end()
      const say = (result) => {
        response.writeHead(200, {'Content-Type': 'application/json'})
        response.end(JSON.stringify({jsonrpc: '2.0', id: message.id, result}))
      }
      serve(message, say, () => response.writeHead(500, {'Content-Type': 'text/plain'}).end('broken'))
    })
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`{"port":${server.address().port}}\n`))
}
