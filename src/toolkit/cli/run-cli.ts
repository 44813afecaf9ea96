// The way of every command line through the program, after the fast paths of bin/run.js: read it, then show help or the
// version, or run one command.

import {Exit} from '../../foundation/errors/index.ts'
import {asksForJson, normaliseArgv} from './argv/normalise-argv.ts'
import {helpPage} from './help/help-pages.ts'
import type {ProgramHelp} from './help/help-shape.ts'
import {type CliHost, processHost} from './host.ts'
import {loadProgram, type ProgramPlace, programHelp} from './load-program.ts'
import {jsonDocument} from './output/json-document.ts'
import {render} from './output/render.ts'
import {reportError} from './output/report-error.ts'
import {watchStdout} from './output/stdout-watch.ts'
import {createStyle} from './output/style.ts'

/** What {@link runCli} needs. */
export interface RunCliOptions extends ProgramPlace {
  /** Without the program and the script. */
  readonly argv: readonly string[]
  readonly host?: CliHost
}

/** Runs one command line and returns the exit status. Never rejects; output has been handed to the streams. */
export async function runCli({argv, host = processHost(), ...place}: RunCliOptions): Promise<number> {
  const stdout = watchStdout()
  try {
    const config = await loadProgram(place)
    const program = programHelp(config)
    const line = normaliseArgv(argv, program)
    if (line.kind === 'command') {
      await config.runCommand(line.id, [...line.argv])
      return Number(process.exitCode ?? Exit.ok)
    }
    host.stdout.write(line.kind === 'help' ? helpText(line.id, program, host) : versionText(line, program))
    return await stdout.settle(Exit.ok, host.stderr)
  } catch (thrown) {
    return await stdout.settle(reportError(thrown, {host, json: asksForJson(argv)}), host.stderr)
  }
}

function helpText(id: string, program: ProgramHelp, {stdout}: CliHost): string {
  const columns = stdout.isTTY ? stdout.columns : undefined
  return render(helpPage(id, program, columns), {style: createStyle({colour: false}), columns: columns ?? 80})
}

const versionText = ({json}: {json: boolean}, {version}: ProgramHelp): string =>
  json ? jsonDocument({version, node: process.version}) : `${version}\n`
