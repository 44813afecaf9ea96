// A process that takes a lock, says so, and keeps it until it is killed.

import {lockFile} from '../../../../src/foundation/platform/index.ts'

await lockFile({path: process.argv[2]!, waitMs: 10_000, what: 'a test'})
process.stdout.write('held\n')
setInterval(() => {}, 1000)
