// An MCP server on the official SDK v2, both protocol eras, over Streamable HTTP or stdio (first argument). Its tools do what
// the scenarios need: wait, report progress, return much, and count how often they were run.
import {createServer} from 'node:http'
import {toNodeHandler} from '@modelcontextprotocol/node'
import {createMcpHandler, fromJsonSchema, McpServer} from '@modelcontextprotocol/server'
import {serveStdio} from '@modelcontextprotocol/server/stdio'

const numbers = (...names) =>
  fromJsonSchema({type: 'object', properties: Object.fromEntries(names.map((name) => [name, {type: 'number'}]))})
const text = (value) => ({content: [{type: 'text', text: value}]})
let runs = 0
let cancelled = 0

function makeServer() {
  const server = new McpServer({name: 'scenario-server', version: '1.2.3'})
  server.registerTool('wait', {description: 'Waits', inputSchema: numbers('ms', 'tag')}, async ({ms, tag}, context) => {
    runs++
    const onAbort = () => cancelled++
    context.mcpReq?.signal?.addEventListener('abort', onAbort)
    await new Promise((resolve) => setTimeout(resolve, ms))
    // The SDK aborts what is over, too.
    context.mcpReq?.signal?.removeEventListener('abort', onAbort)
    return text(`waited ${tag}`)
  })
  server.registerTool('big', {description: 'Returns much', inputSchema: numbers('bytes')}, ({bytes}) =>
    text('x'.repeat(bytes)),
  )
  server.registerTool('runs', {description: 'How often wait was run', inputSchema: numbers()}, () => text(String(runs)))
  server.registerTool('cancelled', {description: 'How often wait was cancelled', inputSchema: numbers()}, () =>
    text(String(cancelled)),
  )
  server.registerTool(
    'steps',
    {description: 'Reports progress', inputSchema: numbers('count')},
    async ({count}, context) => {
      const token = context.mcpReq?._meta?.progressToken
      for (let i = 1; i <= count && token !== undefined; i++) {
        await context.mcpReq.notify({
          method: 'notifications/progress',
          params: {progressToken: token, progress: i, total: count},
        })
      }
      return text(`${count} steps`)
    },
  )
  return server
}

if (process.argv[2] === 'stdio') {
  await serveStdio(makeServer)
} else {
  const serve = toNodeHandler(createMcpHandler(makeServer))
  const server = createServer((request, response) => serve(request, response))
  server.listen(0, '127.0.0.1', () => process.stderr.write(`${JSON.stringify({port: server.address().port})}\n`))
}
