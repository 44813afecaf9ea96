// The end of a test run: which suites lack their real part and how to get it, then one line that a person or script reads.

import type {Reporter, TestCase, TestModule} from 'vitest/node'
import {MISSING_PART} from './parts.ts'

/** Prints after the other reporters. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length
    for (const line of missingParts(tests)) process.stdout.write(`${line}\n`)
    process.stdout.write(
      `${count('passed')} passed, ${count('failed') + broken + unhandled.length} failed, ${count('skipped')} skipped\n`,
    )
  }
}

/** One paragraph for each missing part, naming the suites that wait for it. */
function missingParts(tests: readonly TestCase[]): string[] {
  const suites = new Map<string, Set<string>>()
  for (const test of tests) {
    const result = test.result()
    if (result.state !== 'skipped' || !result.note?.startsWith(MISSING_PART)) continue
    const files = suites.get(result.note) ?? new Set()
    suites.set(result.note, files.add(test.module.relativeModuleId))
  }
  if (suites.size === 0) return []
  return [
    'Skipped for want of a real part:',
    ...[...suites].map(([note, files]) => `  ${[...files].join(', ')}: ${note}`),
    '',
  ]
}
