// The words in which proofs are named: where tests stand, and why there may be nothing to prove.

/** How a daemon reaches an MCP server. */
export type Transport = 'http' | 'stdio' | 'memory'

/** One promise. A proof is the name of a test as it stands in its file; a reason says why there is nothing to prove. */
export interface Requirement {
  readonly id: string
  readonly promise: string
  readonly proofs: Readonly<Record<Transport, {readonly file: string; readonly test: string} | {readonly none: string}>>
}

/** A proof: a test of this file. */
export const at =
  (file: string) =>
  (test: string): {readonly file: string; readonly test: string} => ({file, test})
export const http = at('tunnel/channels/transports/http.test.ts')
export const httpFailures = at('tunnel/channels/transports/http-failures.test.ts')
export const stdio = at('tunnel/channels/transports/stdio.test.ts')
export const supervisor = at('tunnel/channels/stdio/supervisor.test.ts')
export const memory = at('tunnel/channels/transports/memory.test.ts')
export const bursts = at('scenarios/bursts.test.ts')
export const issues = at('scenarios/reference-issues.test.ts')
export const readiness = at('scenarios/readiness/readiness.test.ts')
export const child = at('scenarios/chaos/faults/child.ts')
export const host = at('scenarios/chaos/faults/host.ts')
export const control = at('scenarios/chaos/faults/service.ts')
export const life = at('scenarios/lifecycle.test.ts')
export const bytes = at('scenarios/bytes.test.ts')
export const multiplexed = at('tunnel/channels/multiplex/attribution.test.ts')
export const hanging = at('tunnel/channels/stdio/hanging-child.test.ts')
export const asking = at('tunnel/channels/server-requests.test.ts')
export const wire = at('tunnel/channels/transports/http-wire-faults.test.ts')
export const sse = at('tunnel/channels/http/sse.test.ts')
export const hangUp = at('scenarios/hang-up.test.ts')
export const relay = at('tunnel/relay/relay.test.ts')
export const order = at('tunnel/relay/time-and-order.test.ts')
/** Nothing is to be proved, for this reason. */
export const none = (why: string): {readonly none: string} => ({none: why})

export const SAME_PROCESS = none('the server is this process: it cannot go without it')
export const NO_CHILD = none('there is no child process')
export const ONCE = none('the relay decides it: proved once, with a channel of the test')
export const UNSHARED = none('one request, one answer: nothing is shared')
export const OBJECTS = none('objects, not bytes, are handed over')
export const RELAY = none('proved for the other two: the relay does not know the transport')
