// What the demo says: one line per step while it starts, then everything needed to use what runs now.

import {type Block, code, fields, heading, note, paragraph} from '../../../foundation/platform/index.ts'
import type {DemoReport} from './run-demo.ts'

/** The way of a call, before anything runs. */
export const introBlocks = (): Block[] => [
  paragraph('A tunnel on this machine: MCP client -> tunnel service -> daemon -> MCP server'),
]

/** The tool call has come back. */
export function proofBlocks(report: DemoReport): Block[] {
  const {first_call: call} = report
  return [
    note(`MCP client found ${report.tools.length} tools: ${report.tools.join(', ')}`, 'ok'),
    note(`${call.tool} answered "${call.text}" through the tunnel in ${call.ms} ms`, 'ok'),
    fields([
      ['MCP URL', report.mcp_url],
      ['Health URL', `${report.health_url} (${report.readiness})`],
    ]),
  ]
}

/** What to do with it while it runs. `program`: how this user starts the command line. */
export function usageBlocks({mcp_url: mcpUrl, health_url: healthUrl}: DemoReport, program: string): Block[] {
  return [
    heading('Look at the daemon'),
    code(`curl -fsS ${healthUrl}`),
    heading('Call the MCP server through the tunnel'),
    code(
      [
        `curl -sS ${mcpUrl} -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\`,
        `  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"uppercase","arguments":{"input":"it works"}}}'`,
      ].join('\n'),
    ),
    heading('Give it to Codex, or to any MCP client'),
    code(`codex mcp add tunnel-demo --url ${mcpUrl}`),
    code(`await client.connect(new StreamableHTTPClientTransport(new URL('${mcpUrl}')))`),
    heading('Next: your own MCP server, then a hosted tunnel'),
    code(
      [
        `${program} dev proxy --mcp-command "npx -y @modelcontextprotocol/server-everything"`,
        `${program} run --control-plane.tunnel-id tunnel_... --mcp.server-url http://127.0.0.1:3001/mcp`,
      ].join('\n'),
    ),
    note('Running until Ctrl-C.'),
  ]
}
