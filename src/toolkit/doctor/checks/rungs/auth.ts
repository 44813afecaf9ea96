// The service takes the key: the metadata request that the daemon makes, over the connection that the rungs below verified.

import {originText} from '../../../../foundation/config/index.ts'
import {serviceAdvice} from '../../advice/advice-for.ts'
import {fail, pass, rung, unknown} from '../../check.ts'
import {judgeMetadata, terse} from '../../ladder/judge-metadata.ts'
import {provedByDaemon} from '../../ladder/proved-by-daemon.ts'

const RUNTIME_KEY = 'give the runtime key of this tunnel: this one may be revoked, mistyped, or an admin key'

export const auth = rung({
  id: 'auth',
  rung: 'auth',
  title: 'The key is accepted',
  why: 'The service hands out work only to a key it knows.',
  next: [RUNTIME_KEY],
  kinds: ['control_plane'],
  needs: ['proof', 'metadata', 'config', 'keyReference'],
  run: async (context) => {
    const proved = await provedByDaemon(context)
    if (proved) return proved
    const outcome = await context.fact('metadata')
    const ms = outcome.latencyMs
    const verdict = judgeMetadata(outcome, (await context.fact('config')).controlPlane.tunnelId)
    if (verdict.auth === 'accepted') {
      const inferred = outcome.kind === 'ok' ? {} : {inferred: true}
      return pass(`key accepted in ${Math.round(ms)} ms`, {ms, source: 'probe', ...inferred})
    }
    const origin = originText((await context.fact('config')).origin('control_plane.api_key'))
    const reference = await context.fact('keyReference')
    const from = `the key came from ${origin}${reference === null ? '' : ` (${reference})`}`
    const {failure} = verdict
    const advice = failure === 'key_invalid' ? (verdict.advice ?? RUNTIME_KEY) : serviceAdvice(failure, verdict.advice)
    const seen = {failure, evidence: [verdict.message, from], ms, next: [advice]}
    if (verdict.auth === 'unknown') return unknown(verdict.message, seen)
    const raw = failure === 'key_invalid' ? `${origin}, ${terse(verdict.message)}` : terse(verdict.message)
    return fail(verdict.message, {...seen, raw})
  },
})
