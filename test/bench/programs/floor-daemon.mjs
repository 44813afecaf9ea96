// The floor of the bench: the same three HTTP exchanges as a tunnel daemon (poll, forward, respond) in bare undici,
// one poll outstanding, handlers concurrent, nothing else. It is fixed, so that nobody beats a slow one.
import {Agent, request, setGlobalDispatcher} from 'undici'

const [baseUrl, tunnelId, mcpUrl, limit = '25'] = process.argv.slice(2)
setGlobalDispatcher(new Agent({headersTimeout: 0, bodyTimeout: 0}))
const headers = {authorization: `Bearer ${process.env.CONTROL_PLANE_API_KEY}`, accept: 'application/json'}

async function handle(command) {
  const answer = await request(mcpUrl, {
    method: 'POST',
    headers: {'content-type': 'application/json', accept: 'application/json, text/event-stream'},
    body: JSON.stringify(command.jsonrpc),
  })
  const text = await answer.body.text()
  const reply = await request(`${baseUrl}/v1/tunnels/${tunnelId}/response`, {
    method: 'POST',
    headers: {...headers, 'content-type': 'application/json', 'x-tunnel-shard-token': command.shard_token},
    body: JSON.stringify({
      request_id: command.request_id,
      channel: 'main',
      resp_json: JSON.parse(text),
      resp_headers: {'Content-Type': ['application/json']},
      resp_code: answer.statusCode,
      resp_type: 'jsonrpc_response',
    }),
  })
  await reply.body.text()
}

// While the service is away (a line of its own) it is asked fifty times a second.
const away = () => new Promise((resolve) => setTimeout(resolve, 20, null))
for (;;) {
  const asked = request(`${baseUrl}/v1/tunnels/${tunnelId}/poll?limit=${limit}&timeout_ms=30000`, {headers})
  const poll = await asked.catch(away)
  if (poll === null) continue
  if (poll.statusCode !== 200) {
    await poll.body.text()
    if (poll.statusCode !== 204) await away()
    continue
  }
  const {commands} = await poll.body.json()
  for (const command of commands) handle(command).catch((error) => console.error(String(error)))
}
