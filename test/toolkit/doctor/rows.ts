// Synthetic rows, so that what a report says can be pinned without a network.

import type {Row} from '../../../src/toolkit/doctor/check.ts'
import {type DoctorReport, type ReportInput, reportOf} from '../../../src/toolkit/doctor/report.ts'

/** A row with everything that a test does not care about. */
export const row = (given: Partial<Row> & Pick<Row, 'id'>): Row => ({
  destination: null,
  rung: null,
  status: 'PASS',
  summary: 'fine',
  why: 'it matters',
  evidence: [],
  next: [],
  required: true,
  blockedBy: null,
  ms: 7,
  ...given,
})

/** A report over `rows`. */
export const report = (rows: readonly Row[], more: Partial<ReportInput> = {}): DoctorReport =>
  reportOf({
    rows,
    interrupted: false,
    defect: false,
    next: 'tunnel-client run --profile demo',
    offline: false,
    partial: false,
    strict: false,
    skewMs: null,
    durationMs: 120.4,
    ...more,
  })
