// Run by output.test.ts with a limit on the size of files and stderr in the file of its argument: fills it until nothing more
// fits, makes room, and says what became of the records meanwhile.

import {truncateSync} from 'node:fs'
import {streamOutput} from '../../../../src/foundation/platform/logging/output.ts'
import {eventually} from '../../../support/eventually.ts'

const file = process.argv[2]!
const output = streamOutput(process.stderr, {retryMs: 20})
let refused = 0
await eventually('refusals over several tries', () => {
  // As the stderr of a child does, which shares the stream.
  process.stderr.write('x')
  for (let n = 0; n < 10; n++) if (!output.write(`${'x'.repeat(1000)}\n`)) refused++
  return refused > 100
})
truncateSync(file)
await eventually('room', () => output.write('kept\n'))
process.stdout.write(JSON.stringify({refused, again: output.write('kept too\n')}))
