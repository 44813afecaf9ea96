// Calls an MCP server as a caller over Streamable HTTP does who has no session.

/** What such a caller says of the answers that it takes. */
export const MCP_HEADERS = {'content-type': 'application/json', accept: 'application/json, text/event-stream'}

/** Posts one message; `jsonrpc` is added. */
export const postMcp = (url: string | URL, message: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {...MCP_HEADERS, ...headers},
    body: JSON.stringify({jsonrpc: '2.0', ...message}),
  })

/** Calls a tool; the text of the answer as it came. */
export const callTool = async (url: string | URL, name: string, args: object): Promise<string> =>
  await (await postMcp(url, {id: 1, method: 'tools/call', params: {name, arguments: args}})).text()
