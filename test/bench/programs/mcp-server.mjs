// A Streamable HTTP MCP server that costs next to nothing (see answers.mjs). It looks at the first bytes of a request only.
import {createServer} from 'node:http'
import {answerStart, progressNote, read} from './answers.mjs'

const server = createServer((req, res) => {
  let head = ''
  req.on('data', (chunk) => {
    if (head.length < 400) head += chunk.toString('latin1', 0, 400)
  })
  req.on('end', () => {
    if (req.method !== 'POST') {
      res.writeHead(405).end()
      return
    }
    const asked = read(head)
    if (asked.id === undefined) res.writeHead(202).end()
    else if (asked.listens) res.writeHead(200, {'content-type': 'text/event-stream'}).flushHeaders()
    else if (asked.progress > 0) stream(res, asked)
    else if (asked.delay > 0) setTimeout(() => answer(res, asked), asked.delay)
    else answer(res, asked)
  })
})

function answer(res, {id, tail}) {
  const start = answerStart(id)
  res.writeHead(200, {'content-type': 'application/json', 'content-length': start.length + tail.length})
  res.write(start)
  res.end(tail)
}

/** As fast as the reader takes them. */
function stream(res, {id, token, progress, tail}) {
  res.writeHead(200, {'content-type': 'text/event-stream'})
  let n = 0
  const more = () => {
    while (n < progress) {
      n++
      if (!res.write(`data: ${progressNote(token, n, progress)}\n\n`)) {
        res.once('drain', more)
        return
      }
    }
    res.end(`data: ${answerStart(id)}${tail}\n\n`)
  }
  more()
}

server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({url: `http://127.0.0.1:${server.address().port}/mcp`})))
process.on('SIGTERM', () => process.exit(0))
process.stdin.on('end', () => process.exit(0)).resume()
