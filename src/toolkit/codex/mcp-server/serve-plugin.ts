// The plugin's MCP server: what Codex starts from `.mcp.json`. The protocol is the official SDK's, both eras of it.

import {runTool, type ToolHost} from './run-tool.ts'
import {TOOLS} from './tools.ts'

/** Name that the server gives itself, as the reference's. */
const SERVER = 'tunnel-mcp'

/** Serves stdin and stdout until stdin ends or `signal` is aborted. Nothing else may write to stdout. */
export async function servePlugin({
  host,
  signal,
}: {
  readonly host: ToolHost
  readonly signal: AbortSignal
}): Promise<void> {
  const [{Server, ProtocolError, ProtocolErrorCode}, {serveStdio}] = await Promise.all([
    import('@modelcontextprotocol/server'),
    import('@modelcontextprotocol/server/stdio'),
  ])
  const handle = serveStdio(() => {
    const server = new Server({name: SERVER, version: host.program.version}, {capabilities: {tools: {}}})
    server.setRequestHandler('tools/list', () => ({tools: [...TOOLS]}))
    server.setRequestHandler('tools/call', async ({params}, context) => {
      const tool = TOOLS.find(({name}) => name === params.name)
      if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `unknown tool: ${params.name}`)
      const answer = await runTool({name: tool.name, args: params.arguments ?? {}, signal: context.mcpReq.signal}, host)
      return {...answer}
    })
    return server
  })
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve)
    signal.addEventListener('abort', () => resolve(), {once: true})
    if (signal.aborted) resolve()
  })
  await handle.close()
  process.stdin.destroy()
}
