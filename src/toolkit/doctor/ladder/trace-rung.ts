// The rungs below HTTP differ only in name and advice: what happened there stands in the connector's trace.

import type {TunnelConfig} from '../../../foundation/config/index.ts'
import type {TraceStep} from '../../../foundation/platform/index.ts'
import {adviceFor} from '../advice/advice-for.ts'
import {withIgnoredProxy} from '../advice/ignored-proxy.ts'
import {type Destination, type Finding, fail, type LadderRung, pass, type RungCheck, rung} from '../check.ts'
import type {PathTrace} from '../sources/path-trace.ts'
import {provedByDaemon} from './proved-by-daemon.ts'

/** What makes one of these rungs. */
export interface TraceRung {
  readonly id: Extract<LadderRung, TraceStep['rung']>
  readonly title: string
  readonly why: string
  readonly next: readonly string[]
}

/** A rung that is read from the trace. */
export const traceRung = (given: TraceRung): RungCheck =>
  rung({
    ...given,
    rung: given.id,
    kinds: ['control_plane', 'mcp'],
    needs: ['path', 'proof', 'config', 'env'],
    run: async (context) => {
      const proved = await provedByDaemon(context)
      if (proved) return proved
      const path = await context.fact('path')
      const found = path === null ? null : readRung({id: given.id, path, destination: context.destination})
      if (found?.status !== 'FAIL') return found
      const url = addressOf(await context.fact('config'), context.destination)
      return url === null ? found : withIgnoredProxy(found, url, (await context.fact('env')).env)
    },
  })

/** Where a destination is, unless it is a socket or a child of this machine. */
function addressOf({controlPlane, mcp}: TunnelConfig, destination: Destination | null): URL | null {
  if (destination?.kind === 'control_plane') return controlPlane.unixSocket === null ? controlPlane.baseUrl : null
  const binding = mcp.bindings.find(({channel}) => channel === destination?.channel)
  return binding?.kind === 'http' && binding.unixSocket === null ? binding.url : null
}

/** What the trace says about one rung; null when it was not taken. */
export function readRung(asked: {
  readonly id: TraceStep['rung']
  readonly path: PathTrace
  readonly destination: Destination | null
}): Finding | null {
  const {id, destination} = asked
  const {hop, steps, broken} = asked.path
  const step = steps.findLast((seen) => seen.rung === id)
  if (broken?.rung === id) {
    const detail = step?.detail ?? ''
    const advice = adviceFor(broken.failure, {destination, hop})
    return fail(broken.message, {
      failure: broken.failure,
      raw: detail || broken.message,
      hop,
      evidence: [...new Set([detail, broken.message])].filter((line) => line !== ''),
      ...(advice === null ? {} : {next: [advice]}),
      ...(step === undefined ? {} : {ms: step.ms}),
    })
  }
  return step === undefined ? null : pass(step.detail, {hop, ms: step.ms, source: 'probe'})
}
