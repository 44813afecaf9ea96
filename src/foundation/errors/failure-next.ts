// What to do next about each way of breaking, where nothing but the class is known. `doctor` knows names and addresses and
// says more; this is what a trace, a state page and the documentation can say.

import {FAILURES, type FailureClass, type Rung} from './failure.ts'

const DOCTOR = 'run tunnel-client doctor with the configuration of this daemon'
const MCP_LOG = 'look at the log of the MCP server for this moment'

const BY_RUNG: Readonly<Record<Rung, string>> = {
  route: DOCTOR,
  resolve: DOCTOR,
  connect: DOCTOR,
  proxy: DOCTOR,
  tls: DOCTOR,
  http: DOCTOR,
  auth: 'give a key that is valid, then run tunnel-client doctor',
  scope: 'check the key, the tunnel id and the organization, then run tunnel-client doctor',
  mcp: MCP_LOG,
  protocol: MCP_LOG,
  timeout: DOCTOR,
  internal: 'look at the log of this daemon, and report it',
}

const BY_CLASS: Readonly<Partial<Record<FailureClass, string>>> = {
  refused: 'start the MCP server, or correct its address',
  socket_missing: 'start the MCP server, or correct the path of its socket',
  socket_stale: 'start the MCP server: its socket is left over from an earlier run',
  reset: 'look at the MCP server and at what stands before it: the connection was cut during the call',
  closed: 'look at the log of the MCP server: it hung up before its answer was complete',
  local_limit: 'raise ulimit -n, or close other programs',
  too_large: 'ask for less, or let the tool answer with a reference instead of the content',
  rate_limited: 'wait; ask whoever runs the service for more when it happens often',
  service_down: 'wait; tell whoever runs the service when it goes on',
  invalid_request: 'look at the headers that the caller sent: one of them cannot be written as HTTP',
  redirected: 'put the final address of the MCP server into the configuration',
  mcp_auth: 'let the caller authorize, or give the server a token with mcp.extra-headers',
  mcp_content_type: 'check the URL: something other than an MCP endpoint answers there',
  mcp_no_answer: 'tell the author of the MCP server: a call was taken and not answered',
  mcp_stream_ended: `${MCP_LOG}; check what stands before it for a limit on long answers`,
  child_exited: 'look at the stderr of the MCP server: tunnel-client logs its last lines',
  child_missing: 'correct the command of the MCP server',
  child_silent:
    'look at what the MCP server waits for; raise mcp.max-concurrent-requests only if it can do more at a time',
  bad_command: 'report it to whoever runs the service',
  unsupported_channel: 'bind this channel, or correct its name in the product that calls',
  queue_full: 'raise control-plane.max-inflight, or find out what holds the running calls',
  draining: 'call again: the next daemon takes it',
  deadline: 'find out what took the time below; the caller waits no longer than the service says',
  ttl: 'let the tool answer sooner, or raise mcp.connection-max-ttl',
  canceled: 'nothing: the caller took the call back',
  internal: 'look at the log of this daemon, and report it',
}

/** One step, without a full stop. */
export const failureNext = (failure: FailureClass): string => BY_CLASS[failure] ?? BY_RUNG[FAILURES[failure].rung]
