// All lines of the bench, in the order in which they are run and printed.

import type {LineGroup} from '../line.ts'
import {busy} from './busy.ts'
import {endings} from './endings.ts'
import {lanes} from './lanes.ts'
import {memory, soak} from './memory.ts'
import {outage} from './outage.ts'
import {progress} from './progress.ts'
import {roundTrip} from './round-trip.ts'
import {start} from './start.ts'
import {stdio} from './stdio.ts'
import {stdioChurn} from './stdio-churn.ts'
import {throughput} from './throughput.ts'

/** See the head of this file. */
export const LINE_GROUPS: readonly LineGroup[] = [
  throughput,
  roundTrip,
  stdio,
  progress,
  busy,
  memory,
  outage,
  endings,
  start,
  lanes,
  soak,
  stdioChurn,
]
