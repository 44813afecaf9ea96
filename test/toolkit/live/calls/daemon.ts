// The operator surface of a daemon with calls that a test makes up.

import {onTestFinished} from 'vitest'
import {systemClock} from '../../../../src/foundation/platform/index.ts'
import {
  type CallsSource,
  createCallsSource,
  createOpsServer,
  type OpsSources,
} from '../../../../src/tunnel/ops/index.ts'

/** One that runs. */
export interface CallsDaemon {
  readonly url: string
  readonly calls: CallsSource
  close(): Promise<void>
}

/** Starts one; it ends with the test. `port`: that of an earlier one. */
export async function callsDaemon({instanceId = 'i1', port = 0} = {}): Promise<CallsDaemon> {
  const calls = createCallsSource({instanceId, clock: systemClock, scrub: (text) => text})
  const server = await createOpsServer({
    listen: {listenAddr: `127.0.0.1:${port}`, unixSocket: null},
    allowRemote: false,
    // The routes of calls read nothing else.
    sources: {calls} as unknown as OpsSources,
    onDefect: () => {},
  })
  let closed: Promise<void> | null = null
  const close = (): Promise<void> => {
    closed ??= server.close()
    return closed
  }
  onTestFinished(close)
  return {url: server.address.url, calls, close}
}
