// What every command inherits: parsing, `--json`, the error envelope, exit codes and stop signals. A command only parses,
// calls one room and presents.

import {isatty} from 'node:tty'
import {Command, Flags, type Interfaces} from '@oclif/core'
import {Exit, type ExitName, isTunnelError, TunnelError} from '../../foundation/errors/index.ts'
import {type Block, printable} from '../../foundation/platform/index.ts'
import {watchDefects} from './defects.ts'
import {type CliHost, processHost, type SecretsOption} from './host.ts'
import {jsonDocument} from './output/json-document.ts'
import {render} from './output/render.ts'
import {errorLines, reportError} from './output/report-error.ts'
import {type StdoutWatch, watchStdout} from './output/stdout-watch.ts'
import {createStyle, wantsColour} from './output/style.ts'
import {type StopSignals, watchStopSignals} from './stop-signals.ts'

/** How long the last output of a stopped daemon may take to leave. */
const LAST_OUTPUT_MS = 1000

/** Values of a command's flags, the global ones included. */
export type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<(typeof BaseCommand)['baseFlags'] & T['flags']>

/** Values of a command's positional arguments. */
export type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>

/**
 * Base of every command: `class Health extends BaseCommand<typeof Health>`.
 *
 * `run()` returns what `--json` prints (nothing: no document); before that it may `present(blocks)` for people. Rooms
 * throw TunnelError; nobody else prints errors or chooses exit codes.
 */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override baseFlags = {
    json: Flags.boolean({summary: 'Print one JSON document instead of text', helpGroup: 'GLOBAL'}),
  }

  /**
   * `once`: a signal aborts `stop.asked` and the process ends with 130. `daemon`: the first signal asks to finish (exit
   * 0), the second means now (exit 1).
   */
  static lifetime: 'once' | 'daemon' = 'once'

  protected flags!: FlagsOf<T>
  protected args!: ArgsOf<T>
  protected readonly host: CliHost = processHost()
  /** Hand `stop.asked` to whatever waits; daemons also watch `stop.now`. */
  protected stop!: StopSignals
  #exit: ExitName = 'ok'
  #stdout!: StdoutWatch

  abstract override run(): Promise<unknown>

  /** What rooms want to know of the process: its variables and folder, our version, and when to stop. */
  protected get surroundings() {
    const {env, cwd} = this.host
    return {env, cwd, version: this.config.version, signal: this.stop.asked}
  }

  /** Shows blocks on stdout, at once; with `--json` nothing is shown. */
  protected present(blocks: readonly Block[], options?: SecretsOption): void {
    if (this.jsonEnabled()) return
    const {stdout, env} = this.host
    const style = createStyle({colour: wantsColour({env, stream: stdout})})
    stdout.write(render(blocks, {style, columns: stdout.isTTY ? stdout.columns : undefined}), options)
  }

  /** Prints the one JSON document now, for commands that go on running after it (`dev *`). `run()` then returns nothing. */
  protected presentJson(document: unknown, options?: SecretsOption): void {
    if (this.jsonEnabled()) this.host.stdout.write(jsonDocument(document), options)
  }

  /** One line on stderr beside the output, for people; also with `--json`. */
  protected tell(line: string): void {
    this.host.stderr.write(`${printable(line)}\n`)
  }

  /** Ends the command with another status than 0 though nothing failed, for example `unhealthy`. */
  protected setExit(name: ExitName): void {
    this.#exit = name
  }

  override jsonEnabled(): boolean {
    const end = this.argv.indexOf('--')
    return (end === -1 ? this.argv : this.argv.slice(0, end)).includes('--json')
  }

  /** Runs the command and leaves its status in `process.exitCode`. Never rejects. */
  protected override async _run<R>(): Promise<R> {
    const {lifetime = 'once', flags, baseFlags, args, strict} = this.ctor as typeof BaseCommand
    const forced = lifetime === 'daemon' ? Exit.failed : Exit.interrupted
    const end = (): void => process.exit(forced)
    this.stop = watchStopSignals(
      lifetime === 'daemon' ? {patience: 2, end, hangUp: hasTerminal() ? 'stop' : 'reopen'} : {patience: 1, end},
    )
    // A daemon serves its callers, not its output: its log refuses records until there is room.
    this.#stdout = watchStdout((error) => {
      if (lifetime === 'once') this.stop.request()
      else if (error !== null) for (const line of errorLines(error)) this.tell(line)
    })
    const defects = lifetime === 'daemon' ? watchDefects({stop: () => this.stop.request(), end}) : null
    try {
      const parsed = await this.parse({flags, baseFlags, args: keepStdin(args), strict})
      this.flags = parsed.flags as FlagsOf<T>
      this.args = parsed.args as ArgsOf<T>
      const result = await this.run()
      const defect = defects?.first()
      if (defect) throw defect.thrown
      if (result !== undefined) this.presentJson(result)
      process.exitCode = lifetime === 'daemon' && this.stop.now.aborted ? Exit.failed : Exit[this.#exit]
      return result as R
    } catch (thrown) {
      process.exitCode = this.#fail(thrown, lifetime)
      return undefined as R
    } finally {
      this.stop.dispose()
      if (lifetime === 'once') process.exitCode = await this.#stdout.settle(Number(process.exitCode), this.host.stderr)
      defects?.dispose()
      // Everything is cleaned up. At an ordinary exit Node would set the terminal back, find it gone and abort.
      if (this.stop.signal() === 'SIGHUP') process.kill(process.pid, 'SIGHUP')
      // Who has told a daemon to stop shall not wait for a reader of its output that stands still.
      if (lifetime === 'daemon' && this.stop.asked.aborted) setTimeout(() => process.exit(), LAST_OUTPUT_MS).unref()
    }
  }

  #fail(thrown: unknown, lifetime: 'once' | 'daemon'): number {
    // Only our request to stop has interrupted it.
    if (lifetime === 'once' && this.#stdout.failed() && this.stop.signal() === null) return Exit.failed
    // Whoever was interrupted with something to say about it has said it.
    const told = isTunnelError(thrown) && thrown.code === 'TC-CLI-INTERRUPTED'
    const interrupted = lifetime === 'once' && this.stop.asked.aborted && !told
    const error = interrupted ? new TunnelError('TC-CLI-INTERRUPTED', 'interrupted', {cause: thrown}) : thrown
    return reportError(error, {host: this.host, json: this.jsonEnabled()})
  }
}

/** Somebody sits at one of our streams: when that terminal goes, they are gone. */
const hasTerminal = (): boolean => [0, 1, 2].some((fd) => isatty(fd))

/** oclif fills a missing argument from stdin, and so eats what was meant for somebody else. */
function keepStdin(args: Interfaces.ArgInput): Interfaces.ArgInput {
  return Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, {...arg, ignoreStdin: true}]))
}
