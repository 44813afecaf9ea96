// The stub over stdin and stdout: a stdio MCP server that needs nothing but this package, for demos and tests.

import {DEFAULT_STUB_NAME, DEFAULT_STUB_VERSION, stubServerFactory} from './tools.ts'

/** How the stub names itself, and what ends it besides the end of stdin. */
export interface McpStubStdioOptions {
  readonly serverName?: string
  readonly serverVersion?: string
  readonly signal?: AbortSignal
}

/** Speaks MCP on stdin and stdout until stdin ends or `signal` is aborted. Nothing else may write to stdout. */
export async function serveMcpStubStdio(options: McpStubStdioOptions = {}): Promise<void> {
  const factory = await stubServerFactory({
    name: options.serverName?.trim() || DEFAULT_STUB_NAME,
    version: options.serverVersion?.trim() || DEFAULT_STUB_VERSION,
  })
  const {serveStdio} = await import('@modelcontextprotocol/server/stdio')
  const handle = serveStdio(factory)
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve)
    options.signal?.addEventListener('abort', () => resolve(), {once: true})
    if (options.signal?.aborted) resolve()
  })
  await handle.close()
  process.stdin.destroy()
}
