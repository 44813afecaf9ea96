// A daemon that runs already has the last word: what it says of itself must not stand against what the doctor says.

import {fail, single, warn} from '../../check.ts'

export const runningDaemon = single({
  id: 'running_daemon',
  title: 'The running daemon is ready',
  why: 'Calls go through the daemon that runs, however well everything around it looks.',
  next: ['Look at its log, and ask it: tunnel-client health'],
  required: true,
  needs: ['daemon', 'silentDaemon'],
  run: async ({fact}) => {
    const daemon = await fact('daemon')
    if (daemon === null) {
      const url = await fact('silentDaemon')
      if (url === null) return null
      return warn(
        `somebody listens at ${url}, as the health URL file says, and is no daemon of this tunnel that answers`,
        {
          next: [
            'If that is the daemon, it stands still: look whether its process is stopped or overloaded',
            'End it before you start another',
          ],
        },
      )
    }
    if (daemon.ready) return null
    const {baseUrl, pid, readyText} = daemon
    return fail(`the running daemon${pid === null ? '' : ` (pid ${pid})`} is not ready: ${readyText}`, {
      evidence: [`${baseUrl}/readyz: ${readyText}`],
      next: [`Ask it what failed: tunnel-client trace --failed --url ${baseUrl}`],
      source: 'daemon',
    })
  },
})
