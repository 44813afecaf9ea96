// The lines a person sees when a stub has started. Scripts read the first four.

import {type Block, text} from '../../foundation/platform/index.ts'

/** Where a running stub is. */
export interface McpStubAddress {
  readonly baseUrl: string
  readonly mcpUrl: string
}

/** The URLs of a stub, one line each, in the reference's words. */
export function stubSummary(stub: McpStubAddress): string[] {
  return [
    `MCP URL: ${stub.mcpUrl}`,
    `Protected resource metadata: ${stub.baseUrl}/.well-known/oauth-protected-resource/mcp`,
    `Authorization server metadata: ${stub.baseUrl}/.well-known/oauth-authorization-server`,
  ]
}

/** What to ask a model that has the demo tools. */
export function promptLines(): string[] {
  return [
    'Prompts to try once the tunnel is connected:',
    '  - Ask the server_info tool what this demo server can do.',
    '  - Ask the echo tool to repeat "hello from tunnel-client".',
    '  - Run the uppercase tool on "openai tunnel".',
  ]
}

/** A stub that stands alone: where it is and what to do with it. */
export function stubBlocks(stub: McpStubAddress): Block[] {
  const lines = [
    `MCP stub listening on ${stub.baseUrl}`,
    ...stubSummary(stub),
    'Only the demo MCP and OAuth metadata endpoints are served here; the daemon has its own health and UI addresses.',
    'Next:',
    `  tunnel-client init --sample sample_mcp_with_dcr --profile sample_mcp_with_dcr --tunnel-id tunnel_... --mcp-server-url ${stub.mcpUrl}`,
    '  tunnel-client doctor --profile sample_mcp_with_dcr --explain',
    '  tunnel-client run --profile sample_mcp_with_dcr',
    ...promptLines(),
  ]
  return [text(lines)]
}
