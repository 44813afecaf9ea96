// Clients and services for the tests of the library; they are closed when their test ends.

import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {onTestFinished} from 'vitest'
import {z} from 'zod'
import {
  createTunnelClient,
  createTunnelService,
  type TunnelClient,
  type TunnelClientOptions,
  type TunnelService,
} from '../../../src/index.ts'
import {callTool as callMcpTool} from '../../support/post-mcp.ts'

/** A key that nobody may see. */
export const CANARY = 'sk-canary-0123456789'
/** Nobody listens there. */
export const UNREACHABLE = 'http://127.0.0.1:9'
export const TUNNEL_ID = `tunnel_${'0'.repeat(32)}`

/** A server with one tool, which waits. `onCall` is told when it begins to. */
export function makeServer(onCall: () => void = () => {}): McpServer {
  const server = new McpServer({name: 'inside', version: '1'})
  server.registerTool('wait', {inputSchema: {ms: z.number()}}, async ({ms}) => {
    onCall()
    await new Promise((resolve) => setTimeout(resolve, ms))
    return {content: [{type: 'text', text: `waited ${ms}`}]}
  })
  return server
}

/** A service. */
export async function service(): Promise<TunnelService> {
  const started = await createTunnelService()
  onTestFinished(() => started.close())
  return started
}

/** A client. */
export function client(options: TunnelClientOptions): TunnelClient {
  const made = createTunnelClient(options)
  onTestFinished(() => made.close({drainTimeout: 0}))
  return made
}

/** Calls the tool without a session; the body of the answer. */
export async function callTool(url: string, ms: number): Promise<string> {
  return await callMcpTool(url, 'wait', {ms})
}
