// The daemon can bind its operator surface, or a daemon of this very tunnel has bound it already.

import {fail, pass, single} from '../../check.ts'

export const healthListener = single({
  id: 'health_listener',
  title: 'The operator surface can be bound',
  why: 'The daemon refuses to start when it cannot serve /healthz, /readyz and /metrics.',
  next: ['Stop the other process, or choose another --health.listen-addr', 'Then ask again: tunnel-client doctor'],
  required: true,
  needs: ['listener'],
  run: async ({fact}) => {
    const seen = await fact('listener')
    if (seen.state === 'ours') {
      const pid = seen.pid === null ? '' : `, pid ${seen.pid}`
      return pass(`bound by the running daemon of this tunnel${pid}: ${seen.url}`, {source: 'daemon'})
    }
    if (seen.state === 'taken') {
      const setting = seen.kind === 'unix' ? '--health.unix-socket' : '--health.listen-addr'
      return fail(seen.message, {
        failure: 'listener_taken',
        evidence: [seen.address, seen.message],
        raw: seen.message,
        next: [`Stop the other process, or choose another ${setting}`, 'Then ask again: tunnel-client doctor'],
      })
    }
    if (seen.kind === 'unix') {
      const stale = seen.stale ? {evidence: ['a stale socket is there; run removes it']} : {}
      return pass(`will bind unix socket ${seen.path}`, stale)
    }
    if (!seen.ephemeral) return pass(`will bind ${seen.url}`)
    const next = ['inspect startup summary or HEALTH_URL_FILE for the final URL']
    return pass(`ephemeral bind ok on ${seen.url}`, {next})
  },
})
