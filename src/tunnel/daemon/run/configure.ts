// The configuration of `run`, with errors worded as scripts and first-time users need them.

import {type LoadInput, loadConfig, type TunnelConfig} from '../../../foundation/config/index.ts'
import {TunnelError} from '../../../foundation/errors/index.ts'

const PREFIX = 'configure tunnel-client: '

/** What helps somebody who runs the program for the first time, by a fragment of a message that names the setting itself. */
const HINTS: readonly (readonly [fragment: string, hint: string])[] = [
  [
    'tunnel ID is required',
    'List or create one with tunnel-client admin tunnels list|create, keep it in a profile with tunnel-client init, or read tunnel-client help quickstart',
  ],
  [
    'main channel is required',
    'To try it without a server: tunnel-client run --embedded-mcp-stub --health.listen-addr 127.0.0.1:0 --health.url-file /tmp/tunnel-client-health.url; else see tunnel-client init and tunnel-client help quickstart',
  ],
  [
    'control plane API key is required',
    'Read tunnel-client help quickstart for where to get one, keep the reference in a profile with tunnel-client init',
  ],
]

/** Loads it. Rejects with `TC-CONFIG-INVALID`; the message of every problem starts with `configure tunnel-client: `. */
export async function configureDaemon(input: LoadInput): Promise<TunnelConfig> {
  try {
    return await loadConfig(input)
  } catch (thrown) {
    throw thrown instanceof TunnelError ? worded(thrown) : thrown
  }
}

function worded(error: TunnelError): TunnelError {
  const hint = HINTS.find(([fragment]) => error.message.includes(fragment))?.[1]
  const problems = error.problems.map(worded)
  const next = hint === undefined ? error.next : [hint]
  return new TunnelError(error.code, `${PREFIX}${error.message}`, {
    next: problems.length === 0 ? next : [...new Set(problems.flatMap((problem) => problem.next))],
    ...(error.origin === undefined ? {} : {origin: error.origin}),
    problems,
    cause: error,
  })
}
