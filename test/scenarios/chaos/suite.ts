// All faults of one transport: those of the shared tunnel one after the other, the slow ones beside them on tunnels of
// their own. Every fault is a test under its name.

import {afterAll, beforeAll, expect, test} from 'vitest'
import type {Fault, Transport} from './fault.ts'
import {FAULTS} from './faults/registry.ts'
import {type FaultRow, runFault} from './run-fault.ts'
import {report} from './table.ts'
import {PATIENT, World} from './world.ts'

/** `CHAOS_ONLY=name,name` runs those alone. */
const only = process.env.CHAOS_ONLY?.split(',')
const START_MS = 240_000
const SHARED_MS = 120_000
const SLOW_MS = 240_000

/** Defines the tests. */
export function chaosSuite(transport: Transport): void {
  const faults = FAULTS.filter(({transports, name}) => transports.includes(transport) && (only?.includes(name) ?? true))
  const slow = faults.filter(({tunnel}) => tunnel === 'slow')
  const rows: FaultRow[] = []
  let shared: World
  const started = new Map<Fault, Promise<FaultRow>>()

  beforeAll(async () => {
    // One after the other: a dozen processes that start at once would be a fault of its own.
    for (const fault of slow) {
      const world = await worldOf(fault, transport).start()
      const row = runFault(world, fault).finally(() => world.stop())
      row.catch(() => {})
      started.set(fault, row)
    }
    shared = await new World({transport, serviceFlags: PATIENT}).start()
    // The first calls find everything cold and the slow worlds in their busiest moment.
    await Promise.all(Array.from({length: 32}, (_, caller) => shared.call(`warm.${caller}`)))
  }, START_MS)
  afterAll(async () => {
    await shared?.stop()
    await Promise.allSettled(started.values())
    report(transport, rows)
  }, SLOW_MS)

  for (const fault of faults) {
    if (fault.tunnel === 'slow') continue
    test(fault.name, {timeout: SHARED_MS}, async () => {
      check(rows, fault.tunnel === 'own' ? await onItsOwn(fault, transport) : await runFault(shared, fault))
    })
  }
  for (const fault of slow) {
    test(fault.name, {timeout: SLOW_MS}, async () => {
      check(rows, await started.get(fault)!)
    })
  }
}

function worldOf(fault: Fault, transport: Transport): World {
  const {daemonFlags = {}, serviceFlags = {}, server, readyAfterCall = false} = fault
  return new World({transport, daemonFlags, serviceFlags, readyAfterCall, ...(server === undefined ? {} : {server})})
}

async function onItsOwn(fault: Fault, transport: Transport): Promise<FaultRow> {
  const world = worldOf(fault, transport)
  try {
    await world.start()
    return await runFault(world, fault)
  } finally {
    await world.stop()
  }
}

function check(rows: FaultRow[], row: FaultRow): void {
  rows.push(row)
  expect(row.problems, JSON.stringify(row)).toEqual([])
}
