// The floor of the stdio lines: poll and respond in bare undici as in floor-daemon.mjs, and between them one child with an
// id of our own for each call, JSON.parse and JSON.stringify, nothing else.
import {spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {Agent, request, setGlobalDispatcher} from 'undici'

const [baseUrl, tunnelId, ...argv] = process.argv.slice(2)
setGlobalDispatcher(new Agent({headersTimeout: 0, bodyTimeout: 0}))
const headers = {authorization: `Bearer ${process.env.CONTROL_PLANE_API_KEY}`, accept: 'application/json'}
const child = spawn(argv[0], argv.slice(1), {stdio: ['pipe', 'pipe', 'inherit']})
const open = new Map()
let lastId = 0

function forward(command) {
  const id = ++lastId
  open.set(id, command)
  child.stdin.write(`${JSON.stringify({...command.jsonrpc, id})}\n`)
}

async function respond(message) {
  const command = open.get(message.id)
  if (!command) return
  open.delete(message.id)
  const reply = await request(`${baseUrl}/v1/tunnels/${tunnelId}/response`, {
    method: 'POST',
    headers: {...headers, 'content-type': 'application/json', 'x-tunnel-shard-token': command.shard_token},
    body: JSON.stringify({
      request_id: command.request_id,
      channel: 'main',
      resp_json: {...message, id: command.jsonrpc.id},
      resp_code: 200,
      resp_type: 'jsonrpc_response',
    }),
  })
  await reply.body.text()
}

createInterface({input: child.stdout}).on('line', (line) => respond(JSON.parse(line)).catch(console.error))
for (;;) {
  const poll = await request(`${baseUrl}/v1/tunnels/${tunnelId}/poll?limit=25&timeout_ms=30000`, {headers})
  if (poll.statusCode === 204) {
    await poll.body.text()
    continue
  }
  const {commands} = await poll.body.json()
  commands.forEach(forward)
}
