// One HTTP server in three roles (tunnel service, MCP server, operator surface of a daemon). Every string that it controls
// tries to steer the terminal that shows it, or to forge a line of ours.

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/** Stands at the start of a forged line. */
export const FORGED = 'FORGED-LINE'

/** Clears the screen, sets title and clipboard, rings, reverses text, breaks lines in six ways. */
export const HOSTILE = [
  '\u001b[2J\u001b[31m\u001b]0;title\u0007\u001b]52;c;aGk=\u0007',
  `\r\n${FORGED} one\r${FORGED} two\n${FORGED} three`,
  `\u0085${FORGED} four\u2028${FORGED} five\u2029${FORGED} six`,
  '\u009b31m\u007f\u0000\u0008\u202eesrever\u2066\u200e\u061cend',
].join('')

/** A running server. `refuse`: answer every request with this status and an error of hostile text; null: answer with 200. */
export interface HostileTextServer {
  readonly url: string
  refuse: number | null
  close(): Promise<void>
}

const ERROR = {error: {code: HOSTILE, type: HOSTILE, message: HOSTILE, param: HOSTILE}}

/** Starts it on loopback. `tunnelId`: the id that its tunnels have, so that its answers are believed. */
export async function hostileTextServer({tunnelId}: {readonly tunnelId: string}): Promise<HostileTextServer> {
  const state = {refuse: null as number | null}
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      if (state.refuse !== null) json(response, state.refuse, ERROR)
      else answer(request, response, {body, tunnelId})
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

const json = (response: ServerResponse, status: number, document: unknown): unknown =>
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(document))

function answer(
  {method = '', url = ''}: IncomingMessage,
  response: ServerResponse,
  {body, tunnelId}: {readonly body: string; readonly tunnelId: string},
): unknown {
  const path = url.split('?')[0]!
  const ids = [HOSTILE]
  const tunnel = {
    ...{id: tunnelId, name: HOSTILE, description: HOSTILE, creator: HOSTILE},
    ...{tenant_ids: ids, workspace_ids: ids, organization_ids: ids},
  }
  if (path === '/healthz') return response.writeHead(200).end(HOSTILE)
  if (path === '/readyz') return response.writeHead(503).end(HOSTILE)
  if (path.startsWith('/api/'))
    return json(response, 200, {schema_version: 1, status: HOSTILE, tunnel: {name: HOSTILE}})
  if (path.endsWith('/mcp')) return answerMcp(method, response, body)
  if (path === '/v1/tunnels' && method === 'GET')
    return json(response, 200, {tunnels: [tunnel, {...tunnel, id: HOSTILE}]})
  return json(response, 200, tunnel)
}

function answerMcp(method: string, response: ServerResponse, body: string): unknown {
  if (method !== 'POST') return response.writeHead(405).end(HOSTILE)
  const message = JSON.parse(body) as {id?: unknown; method?: string}
  if (message.id === undefined) return response.writeHead(202).end()
  const results: Record<string, unknown> = {
    initialize: {
      protocolVersion: '2025-06-18',
      capabilities: {tools: {}},
      serverInfo: {name: HOSTILE, version: HOSTILE, title: HOSTILE},
      instructions: HOSTILE,
    },
    'tools/list': {tools: [{name: HOSTILE, description: HOSTILE, inputSchema: {type: 'object'}}]},
  }
  const result = results[message.method ?? '']
  const outcome = result === undefined ? {error: {code: -32601, message: HOSTILE}} : {result}
  return json(response, 200, {jsonrpc: '2.0', id: message.id, ...outcome})
}
