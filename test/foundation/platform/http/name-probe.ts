// Runs inside a namespace: looks names up through the door's lookup and through getaddrinfo, and prints what came, as JSON.
// Arguments: budget in ms, then names; a name `abort:x` is given up after 200 ms.

import {lookup as getaddrinfo} from 'node:dns'
import {createLookup, type LookupResult} from '../../../../src/foundation/platform/http/names/lookup.ts'
import {systemClock} from '../../../../src/foundation/platform/index.ts'

/** What one name gave. */
export interface Probed {
  readonly name: string
  readonly ms: number
  readonly addresses: readonly string[]
  /** Where the addresses came from, or the failure class. */
  readonly how: string
  /** What getaddrinfo says, or its code. */
  readonly system: readonly string[] | string
}

const [budget = '2500', compare = 'yes', ...names] = process.argv.slice(2)
const lookup = createLookup({clock: systemClock, budgetMs: Number(budget)})

const ours = (name: string): Promise<LookupResult | 'aborted'> =>
  new Promise((done) => {
    const plain = name.replace(/^abort:/, '')
    const cancel = lookup.resolve(plain, done)
    if (plain === name) return
    setTimeout(() => {
      cancel()
      done('aborted')
    }, 200)
  })

const theirs = (name: string): Promise<readonly string[] | string> =>
  new Promise((done) =>
    getaddrinfo(name, {all: true}, (error, found) =>
      done(error ? (error.code ?? '') : found.map((one) => one.address)),
    ),
  )

const all = await Promise.all(
  names.map(async (name): Promise<Probed> => {
    const began = performance.now()
    const result = await ours(name)
    const ms = performance.now() - began
    if (result === 'aborted') return {name, ms, addresses: [], how: 'aborted', system: ''}
    const how = result.addresses ? result.source : result.cause.failure
    return {name, ms, addresses: result.addresses ?? [], how, system: compare === 'yes' ? await theirs(name) : ''}
  }),
)
process.stdout.write(`${JSON.stringify({found: all, at: Date.now()})}\n`)
// No close: whoever forgets it must still be able to end.
