// The runner: what stops, what goes on, and that no check can take the others down.

import {describe, expect, test} from 'vitest'
import {
  type Check,
  type Destination,
  type DoctorSwitches,
  fail,
  pass,
  rung,
  single,
  unknown,
} from '../../../src/toolkit/doctor/check.ts'
import {createFacts, type FactSources, type Facts, FactUnavailable} from '../../../src/toolkit/doctor/facts.ts'
import {runChecks} from '../../../src/toolkit/doctor/runner.ts'
import {select} from '../../../src/toolkit/doctor/selection.ts'

const text = {title: 't', why: 'w', next: ['n']}
const ladder = (id: 'connect' | 'tls' | 'http' | 'auth', run: Check['run']): Check =>
  rung({id, rung: id, kinds: ['control_plane'], needs: [], ...text, run})
const once = (id: string, run: Check['run']): Check => single({id, required: true, needs: [], ...text, run})

const service: Destination = {
  name: 'control_plane',
  kind: 'control_plane',
  channel: null,
  required: true,
  rungs: ['connect', 'tls', 'http', 'auth'],
}
const switches: DoctorSwitches = {offline: false, spawn: true, budgetMs: 10_000}
const noFacts = createFacts({} as FactSources)

const run = (checks: Check[], more: Partial<Parameters<typeof runChecks>[0]> = {}) =>
  runChecks({checks, facts: noFacts as Facts, switches, destinations: async () => [service], ...more})

const statuses = (rows: readonly {id: string; status: string}[]) => rows.map(({id, status}) => `${id} ${status}`)

test('names the checks that run, and none at the end', async () => {
  const seen: (readonly string[])[] = []
  await run([once('one', async () => pass('1')), ladder('connect', async () => pass('2'))], {
    onProgress: (running) => seen.push(running),
  })
  expect(seen).toContainEqual(expect.arrayContaining(['one', 'control_plane/connect']))
  expect(seen.at(-1)).toEqual([])
})

describe('a ladder', () => {
  test('is climbed from the bottom, whatever the order of the registry', async () => {
    const seen: string[] = []
    const step = (id: 'connect' | 'tls' | 'http') =>
      ladder(id, async () => {
        seen.push(id)
        return pass(id)
      })
    await run([step('http'), step('connect'), step('tls')])
    expect(seen).toEqual(['connect', 'tls', 'http'])
  })

  test('a FAIL blocks what is above it and names itself; nothing above is asked', async () => {
    let asked = false
    const {rows} = await run([
      ladder('connect', async () => pass('c')),
      ladder('tls', async () => fail('bad', {evidence: ['x']})),
      ladder('http', async () => {
        asked = true
        return pass('h')
      }),
      ladder('auth', async () => pass('a')),
    ])
    expect(statuses(rows)).toEqual(['connect PASS', 'tls FAIL', 'http BLOCKED', 'auth BLOCKED'])
    expect(rows[3]?.blockedBy).toBe('control_plane/tls')
    expect(asked).toBe(false)
  })

  test('UNKNOWN does not block', async () => {
    const {rows} = await run([ladder('connect', async () => unknown('?', {})), ladder('tls', async () => pass('t'))])
    expect(statuses(rows)).toEqual(['connect UNKNOWN', 'tls PASS'])
  })

  test('a rung that does not belong to the way there gives no row', async () => {
    const {rows} = await run([ladder('tls', async () => pass('t')), ladder('connect', async () => null)], {
      destinations: async () => [{...service, rungs: ['connect']}],
    })
    expect(rows).toEqual([])
  })

  test('offline, every rung is SKIP and none is asked', async () => {
    const boom = ladder('connect', async () => {
      throw new Error('asked')
    })
    const {rows, defect} = await run([boom], {switches: {...switches, offline: true}})
    expect(statuses(rows)).toEqual(['connect SKIP'])
    expect(defect).toBe(false)
  })
})

describe('what breaks', () => {
  test('a check that throws is a defect of the doctor; the rest is reported', async () => {
    const {rows, defect} = await run([
      once('a', async () => {
        throw new Error('oops')
      }),
      once('b', async () => pass('fine')),
    ])
    expect(defect).toBe(true)
    expect(rows[0]).toMatchObject({status: 'UNKNOWN', failure: 'doctor_bug', summary: expect.stringContaining('oops')})
    expect(rows[1]).toMatchObject({id: 'b', status: 'PASS'})
  })

  test('a check may not ask for facts it did not declare', async () => {
    const {rows, defect} = await run([once('sly', async ({fact}) => pass(String(await fact('config'))))])
    expect(defect).toBe(true)
    expect(rows[0]?.summary).toContain('without declaring it')
  })

  test('a fact that cannot be had blocks whoever needs it, and fails nobody', async () => {
    const facts = createFacts({
      config: async () => {
        throw new FactUnavailable('tunnel_id', 'the configuration cannot be used')
      },
    } as unknown as FactSources)
    const needy = single({
      id: 'ui',
      required: false,
      needs: ['config'],
      ...text,
      run: async ({fact}) => pass(String(await fact('config'))),
    })
    const {rows, defect} = await run([needy], {facts, destinations: () => facts.get('config', null) as never})
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({status: 'BLOCKED', blockedBy: 'tunnel_id'})
    expect(defect).toBe(false)
  })

  test('a fact is looked up once, whoever asks, also when it fails', async () => {
    let lookups = 0
    const facts = createFacts({
      problems: async () => {
        lookups++
        throw new Error('no')
      },
    } as unknown as FactSources)
    await Promise.allSettled([facts.get('problems', null), facts.get('problems', service)])
    await expect(facts.get('problems', null)).rejects.toThrow('no')
    expect(lookups).toBe(1)
  })
})

describe('time', () => {
  const never = () => new Promise<never>(() => {})

  test('the budget cuts a hanging check to UNKNOWN and starts nothing above it', async () => {
    let asked = false
    const {rows} = await run(
      [
        ladder('connect', never),
        ladder('tls', async () => {
          asked = true
          return pass('t')
        }),
        once('b', async () => pass('fine')),
      ],
      {switches: {...switches, budgetMs: 50}},
    )
    expect(statuses(rows)).toEqual(['b PASS', 'connect UNKNOWN', 'tls UNKNOWN'])
    expect(rows[1]?.failure).toBe('out_of_time')
    expect(asked).toBe(false)
  })

  test('Ctrl-C reports what is known', async () => {
    const abort = new AbortController()
    const hangs = once('a', () => {
      setImmediate(() => abort.abort())
      return never()
    })
    const {rows, interrupted} = await run([hangs, once('b', async () => pass('fine'))], {signal: abort.signal})
    expect(interrupted).toBe(true)
    expect(statuses(rows)).toEqual(['a UNKNOWN', 'b PASS'])
  })
})

describe('--only', () => {
  const checks = [
    once('mcp_target', async () => pass('m')),
    ladder('connect', async () => pass('c')),
    ladder('tls', async () => pass('t')),
    ladder('http', async () => pass('h')),
  ]

  test('climbs as far as it has to and shows what was asked for', async () => {
    const {rows} = await run(checks, {selection: select(['control_plane/tls'], checks)})
    expect(statuses(rows)).toEqual(['tls PASS'])
  })

  test('shows what broke below', async () => {
    const broken = [ladder('connect', async () => fail('no', {evidence: []})), ...checks.slice(2)]
    const {rows} = await run(broken, {selection: select(['tls'], broken)})
    expect(statuses(rows)).toEqual(['connect FAIL', 'tls BLOCKED'])
  })

  test('takes a destination and refuses a name that is none', async () => {
    const {rows} = await run(checks, {selection: select(['control_plane', 'mcp_target'], checks)})
    expect(rows).toHaveLength(4)
    expect(() => select(['nonsense'], checks)).toThrow('there is no such check')
    expect(() => select(['control_plane/nonsense'], checks)).toThrow('there is no such check')
  })
})
