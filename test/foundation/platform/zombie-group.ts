// Run as PID 1 of a PID namespace: stops a child whose process group holds a zombie that nobody reaps, and prints how long
// that took, in milliseconds.

import {readdirSync, readFileSync} from 'node:fs'
import {spawnChild} from '../../../src/foundation/platform/index.ts'
import {eventually} from '../../support/eventually.ts'

// The subshell ends at once, so PID 1 inherits what it has started.
const child = await spawnChild({argv: ['sh', '-c', '(sleep 0.1 &); exec cat'], env: process.env})
await eventually('the zombie', () =>
  readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    const [state, , group] = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
    return state === 'Z' && Number(group) === child.pid
  }),
)
const from = performance.now()
const exit = await child.stop({afterEof: 10_000, afterTerm: 10_000})
console.log(JSON.stringify({pid: process.pid, ms: performance.now() - from, exit}))
process.exit(0)
