#!/usr/bin/env node
// Runs the sources with tsx: no build, no manifest, no help files.
'use strict'

process.on('SIGUSR1', () => {}) // else Node would open its inspector, see bin/run.js
void runSources()

async function runSources() {
  const {register} = await import('tsx/esm/api')
  register()
  const {runCli} = await import('../src/toolkit/cli/run-cli.ts')
  const code = await runCli({
    argv: process.argv.slice(2),
    root: __dirname.slice(0, -'/bin'.length),
    sources: 'commands',
  })
  process.exitCode = code
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}
