// A Streamable HTTP MCP server that costs next to nothing: it answers every request with a prepared result of the size
// that the caller names in the method (`bench/1024/ascii`), and finds the id without parsing the body.
import {createServer} from 'node:http'

const texts = new Map()
function resultTail(size, kind) {
  const key = `${size}/${kind}`
  let tail = texts.get(key)
  if (!tail) {
    const unit = kind === 'other' ? '漢字かな交じり文' : 'the quick brown fox '
    const text = unit.repeat(Math.ceil(size / Buffer.byteLength(unit)))
    tail = Buffer.from(`,"result":{"content":[{"type":"text","text":${JSON.stringify(text)}}]}}`)
    texts.set(key, tail)
  }
  return tail
}

const HANDSHAKE = JSON.stringify({
  protocolVersion: '2025-06-18',
  capabilities: {tools: {}},
  serverInfo: {name: 'bench', version: '1'},
})

const server = createServer((req, res) => {
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    if (req.method !== 'POST') {
      res.writeHead(405).end()
      return
    }
    const head = Buffer.concat(chunks).toString('latin1', 0, 300)
    const id = /"id":(\d+|"[^"]*")/.exec(head)?.[1]
    const bench = /"bench\/(\d+)\/(\w+)\/(\d+)"/.exec(head)
    if (id === undefined) {
      res.writeHead(202).end()
      return
    }
    const tail = bench
      ? resultTail(Number(bench[1]), bench[2])
      : Buffer.from(head.includes('"initialize"') ? `,"result":${HANDSHAKE}}` : ',"result":{}}')
    const start = Buffer.from(`{"jsonrpc":"2.0","id":${id}`)
    const answer = () => {
      res.writeHead(200, {'content-type': 'application/json', 'content-length': start.length + tail.length})
      res.write(start)
      res.end(tail)
    }
    const delay = Number(bench?.[3] ?? 0)
    if (delay > 0) setTimeout(answer, delay)
    else answer()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({url: `http://127.0.0.1:${server.address().port}/mcp`})))
process.on('SIGTERM', () => process.exit(0))
process.stdin.on('end', () => process.exit(0)).resume()
