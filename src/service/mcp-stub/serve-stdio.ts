// The stub over stdin and stdout: a stdio MCP server that needs nothing but this package, for demos and tests.

import {DEFAULT_STUB_NAME, DEFAULT_STUB_VERSION, stubServerFactory} from './tools.ts'

/** How the stub names itself. */
export interface McpStubStdioOptions {
  readonly serverName?: string
  readonly serverVersion?: string
}

/** A stub that speaks on this process's own stdin and stdout. */
export interface McpStubStdio {
  /** Resolves when stdin has ended or {@link McpStubStdio.close} was called. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Starts speaking MCP on stdin and stdout. Nothing else may write to stdout afterwards. */
export async function serveMcpStubStdio(options: McpStubStdioOptions = {}): Promise<McpStubStdio> {
  const factory = await stubServerFactory({
    name: options.serverName?.trim() || DEFAULT_STUB_NAME,
    version: options.serverVersion?.trim() || DEFAULT_STUB_VERSION,
  })
  const {serveStdio} = await import('@modelcontextprotocol/server/stdio')
  let markClosed = (): void => {}
  const closed = new Promise<void>((resolve) => {
    markClosed = resolve
  })
  const handle = serveStdio(factory)
  process.stdin.once('end', markClosed)
  process.stdin.once('close', markClosed)
  return {
    closed,
    close: async () => {
      await handle.close()
      markClosed()
    },
  }
}
