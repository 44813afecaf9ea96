// A clock that is minutes off breaks certificates and signatures. Shown only when it is.

import {single, warn} from '../../check.ts'

const NOTICEABLE_MS = 120_000

export const clock = single({
  id: 'clock',
  title: 'The clock of this machine is right',
  why: 'Certificates and tokens have dates; with a wrong clock valid ones look expired.',
  next: ['Set the clock: timedatectl set-ntp true'],
  required: false,
  needs: ['problems', 'skew'],
  run: async ({fact, options}) => {
    if (options.offline || (await fact('problems')).length > 0) return null
    const skew = await fact('skew')
    if (skew === null || Math.abs(skew) <= NOTICEABLE_MS) return null
    const way = skew > 0 ? 'behind' : 'ahead of'
    const seconds = Math.round(Math.abs(skew) / 1000)
    return warn(`${seconds} s ${way} the tunnel service`, {evidence: [`skew ${skew} ms`]})
  },
})
