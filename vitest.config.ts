import {defineConfig} from 'vitest/config'
import {SummaryReporter} from './test/support/summary-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/parts/**', '**/node_modules/**'],
    // Only what hangs gets there: under load the start of a process alone takes seconds.
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: {poll: {timeout: 45_000}},
    globalSetup: ['test/support/temp-root.ts'],
    pool: 'forks',
    maxWorkers: 2,
    disableConsoleIntercept: true,
    reporters: ['default', new SummaryReporter()],
  },
})
