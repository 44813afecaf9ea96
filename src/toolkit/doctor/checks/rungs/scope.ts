// The key may read and use this tunnel. Use is proved by an answer that nobody waits for: it touches nothing of anybody.

import {originText} from '../../../../foundation/config/index.ts'
import {serviceAdvice} from '../../advice/advice-for.ts'
import {type Finding, fail, pass, rung, unknown, warn} from '../../check.ts'
import {judgeMetadata, terse} from '../../ladder/judge-metadata.ts'
import {judgeUse} from '../../ladder/judge-use.ts'
import {provedByDaemon} from '../../ladder/proved-by-daemon.ts'

export const scope = rung({
  id: 'scope',
  rung: 'scope',
  title: 'The key may use this tunnel',
  why: 'Work comes only for a tunnel that the service knows, to a key that may use it.',
  next: ['Check the tunnel id, and give the key the scopes Read and Use for it'],
  kinds: ['control_plane'],
  needs: ['proof', 'metadata', 'use', 'config'],
  run: async (context): Promise<Finding | null> => {
    const proved = await provedByDaemon(context)
    if (proved) return proved
    const config = await context.fact('config')
    const read = judgeMetadata(await context.fact('metadata'), config.controlPlane.tunnelId)
    const from = `the tunnel id came from ${originText(config.origin('control_plane.tunnel_id'))}`
    if (read.auth !== 'accepted') return unknown('not asked: it is not known whether the key is accepted', {})
    if (read.read === 'failed' && read.failure !== null) {
      return fail(read.message, {
        failure: read.failure,
        evidence: [read.message, from],
        raw: terse(read.message),
        next: [serviceAdvice(read.failure, read.advice)],
      })
    }
    const use = judgeUse(await context.fact('use'))
    const next = [serviceAdvice(use.failure, use.advice)]
    const evidence = [`read: ${read.message}`, `use: ${use.message}`]
    if (use.use === 'denied') {
      return fail(use.message, {failure: use.failure, evidence: [...evidence, from], raw: terse(use.message), next})
    }
    if (use.use === 'unknown') {
      return unknown(`Use is not proved: ${use.message}`, {failure: use.failure, evidence, next})
    }
    if (use.use === 'odd') return warn(use.message, {evidence, next: ['Report it to whoever runs the service']})
    if (read.read === 'denied') {
      const more = ['Give the key the scope Read as well; the daemon works without it, names and checks do not']
      return warn('Use, but not Read', {evidence, next: more, inferred: use.inferred})
    }
    return pass('Read and Use', {evidence, source: 'probe', inferred: use.inferred})
  },
})
