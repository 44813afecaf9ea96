// Calls as the relay hands them over, for tests.

import type {TracedCall} from '../../../../src/tunnel/ops/index.ts'

/** A call that was answered within 30 ms; `change` says what is different. Writable, because open calls change. */
export function tracedCall(
  requestId: string,
  change: Partial<TracedCall> = {},
): {-readonly [K in keyof TracedCall]: TracedCall[K]} {
  return {
    requestId,
    rpcId: '1',
    channel: 'main',
    transport: 'stdio',
    kind: 'call',
    method: 'tools/call',
    tool: 'search',
    session: 'abcdef012345',
    requestBytes: 100,
    responseBytes: 200,
    notifications: 0,
    outcome: 'answered',
    status: 200,
    failure: null,
    attempts: 1,
    enqueuedAt: 1000,
    polledAt: 1001,
    dispatchedAt: 1002,
    firstByteAt: 1010,
    answeredAt: 1020,
    postedAt: 1021,
    acknowledgedAt: 1031,
    endedAt: 1031,
    ...change,
  }
}

/** A call that waits for its MCP server. */
export const openCall = (requestId: string, change: Partial<TracedCall> = {}): ReturnType<typeof tracedCall> =>
  tracedCall(requestId, {
    outcome: 'open',
    status: null,
    responseBytes: null,
    attempts: 0,
    firstByteAt: null,
    answeredAt: null,
    postedAt: null,
    acknowledgedAt: null,
    endedAt: null,
    ...change,
  })
