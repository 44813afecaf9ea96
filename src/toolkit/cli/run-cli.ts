// The way of every command line through the program, after the fast paths of bin/run.js: read it, then show help or the
// version, or run one command.

import {Exit} from '../../foundation/errors/index.ts'
import {asksForJson, normaliseArgv} from './argv/normalise-argv.ts'
import {helpPage} from './help/help-pages.ts'
import {type CliHost, processHost} from './host.ts'
import {loadProgram, type ProgramPlace, programHelp} from './load-program.ts'
import {jsonDocument} from './output/json-document.ts'
import {render} from './output/render.ts'
import {reportError} from './output/report-error.ts'
import {createStyle} from './output/style.ts'

/** What {@link runCli} needs. */
export interface RunCliOptions extends ProgramPlace {
  /** Without the program and the script. */
  readonly argv: readonly string[]
  readonly host?: CliHost
}

/** Runs one command line and returns the exit status. Never rejects; output has been handed to the streams. */
export async function runCli({argv, host = processHost(), ...place}: RunCliOptions): Promise<number> {
  try {
    const config = await loadProgram(place)
    const program = programHelp(config)
    const line = normaliseArgv(argv, program)
    switch (line.kind) {
      case 'version':
        host.stdout.write(
          line.json ? jsonDocument({version: program.version, node: process.version}) : `${program.version}\n`,
        )
        return Exit.ok
      case 'help': {
        const columns = host.stdout.isTTY ? host.stdout.columns : undefined
        host.stdout.write(
          render(helpPage(line.id, program, columns), {style: createStyle({colour: false}), columns: columns ?? 80}),
        )
        return Exit.ok
      }
      case 'command':
        await config.runCommand(line.id, [...line.argv])
        return Number(process.exitCode ?? Exit.ok)
    }
  } catch (thrown) {
    return reportError(thrown, {host, json: asksForJson(argv)})
  }
}
