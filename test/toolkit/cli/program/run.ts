// Runs the little program of these tests the way bin/dev.js runs the real one.

import {runCli} from '../../../../src/toolkit/cli/run-cli.ts'

process.exitCode = await runCli({argv: process.argv.slice(2), root: import.meta.dirname, sources: 'commands'})
