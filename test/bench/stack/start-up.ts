// Start-up cost of the built command line as a ratio to `node -e 0`, in interleaved pairs: CPU time, because wall time on
// a shared machine says more about the neighbours.

import {execFileSync} from 'node:child_process'
import {median} from './figures.ts'
import {RUN_JS} from './processes.ts'

/** One command and its median ratio. */
export interface StartUpLine {
  readonly command: string
  readonly cpuMs: number
  readonly ratio: number
}

const COMMANDS = [['--version'], ['--help'], ['doctor', '--help']]

/** Measures every command in `pairs` interleaved pairs with `node -e 0`. */
export function measureStartUp(pairs: number): StartUpLine[] {
  return COMMANDS.map((args) => {
    const ratios: number[] = []
    const own: number[] = []
    for (let i = 0; i < pairs; i++) {
      const base = cpuMs([process.execPath, '-e', '0'])
      const ours = cpuMs([process.execPath, RUN_JS, ...args])
      own.push(ours)
      ratios.push(ours / base)
    }
    return {command: args.join(' '), cpuMs: median(own), ratio: median(ratios)}
  })
}

/** CPU milliseconds (user + system) of one run, by the shell's own `time`. */
function cpuMs(argv: readonly string[]): number {
  const {NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env} = process.env
  const script = `TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>&1`
  const text = execFileSync('bash', ['-c', `{ ${script}; } 2>&1`, 'bash', ...argv], {env, encoding: 'utf8'})
  const [user = 0, system = 0] = text.trim().split(' ').map(Number)
  return (user + system) * 1000
}
