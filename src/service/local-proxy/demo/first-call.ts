// The proof of the demo: the official MCP client, which knows nothing of tunnels, uses the public URL.

import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'

const GREETING = 'hello from the other end'
const CALL_TIMEOUT_MS = 15_000

/** What came back. */
export interface FirstCall {
  /** Names of the server's tools. */
  readonly tools: readonly string[]
  readonly tool: string
  /** The text that the tool answered. */
  readonly text: string
  /** How long the tool call took, there and back. */
  readonly ms: number
}

/** Connects, lists the tools, calls `echo` and hangs up. Rejects with `TC-DEMO-CALL`. */
export async function firstCall(options: {
  readonly mcpUrl: string
  readonly version: string
  readonly signal: AbortSignal
}): Promise<FirstCall> {
  const {Client, StreamableHTTPClientTransport} = await import('@modelcontextprotocol/client')
  const client = new Client({name: 'tunnel-client-demo', version: options.version})
  const limits = {signal: options.signal, timeout: CALL_TIMEOUT_MS}
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(options.mcpUrl)), limits)
    const {tools} = await client.listTools(undefined, limits)
    const asked = performance.now()
    const result = await client.callTool({name: 'echo', arguments: {input: GREETING}}, limits)
    const ms = performance.now() - asked
    const text = textOf(result)
    if (result.isError === true || !text.includes(GREETING))
      throw new Error(`the tool answered ${JSON.stringify(text)}`)
    return {tools: tools.map((tool) => tool.name), tool: 'echo', text, ms}
  } catch (thrown) {
    throw new TunnelError('TC-DEMO-CALL', `the demo's tool call failed: ${messageOf(thrown)}`, {cause: thrown})
  } finally {
    await client.close().catch(() => {})
  }
}

function textOf(result: {readonly content?: unknown}): string {
  if (!Array.isArray(result.content)) return ''
  return result.content.flatMap((part) => (part?.type === 'text' ? [String(part.text)] : [])).join('\n')
}
