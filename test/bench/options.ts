// What `npm run bench` can be told.

import {parseArgs} from 'node:util'

/** The command line, read. */
export interface BenchOptions {
  /** argv prefixes of other compatible daemons. */
  readonly clients: readonly (readonly string[])[]
  readonly rounds: number
  readonly seconds: number
  readonly quick: boolean
  /** Ids or parts of names; empty: all. */
  readonly only: readonly string[]
  readonly soakCalls: number
  /** Of the random pauses of stdio-churn. */
  readonly seed: number
  readonly json: string
  readonly list: boolean
  readonly help: boolean
}

/** The text of `--help`. */
export const HELP = `npm run bench -- [options]
  --only <text,…>   only lines with this id, or with this in their name; may be repeated (--list names them)
  --client <argv>   another compatible daemon, for example "/opt/bin/tunnel-client"; may be repeated
  --rounds <n>      slices per line and client, interleaved; the median counts (5; quick 2)
  --seconds <n>     length of one slice (3; quick 2)
  --quick           short versions, for a first look
  --soak <calls>    run that many calls through one daemon and watch its memory, files and children
  --seed <n>        seed of stdio-churn, which runs only when --only names it, for --seconds (a random one)
  --json <file>     where the figures go (bench-results.json)
  --list            name the lines`

/** Reads the command line. Throws for what it does not know. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const {values} = parseArgs({
    args: [...argv],
    options: {
      client: {type: 'string', multiple: true, default: []},
      rounds: {type: 'string'},
      seconds: {type: 'string'},
      quick: {type: 'boolean', default: false},
      only: {type: 'string', multiple: true, default: []},
      soak: {type: 'string'},
      seed: {type: 'string'},
      json: {type: 'string', default: 'bench-results.json'},
      list: {type: 'boolean', default: false},
      help: {type: 'boolean', default: false},
    },
  })
  const {quick} = values
  return {
    clients: values.client.map((text) => text.split(' ')),
    rounds: count('rounds', values.rounds ?? (quick ? '2' : '5')),
    seconds: count('seconds', values.seconds ?? (quick ? '2' : '3')),
    quick,
    only: values.only.flatMap((text) => text.split(',')).filter((text) => text !== ''),
    soakCalls: values.soak === undefined ? 0 : count('soak', values.soak),
    seed: values.seed === undefined ? 1 + Math.floor(Math.random() * 1e6) : count('seed', values.seed),
    json: values.json,
    list: values.list,
    help: values.help,
  }
}

function count(name: string, text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} ${text} is no positive number`)
}
