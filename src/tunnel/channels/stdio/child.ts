// One server process: lines out, lines in, and one honest report when it is gone.

import {type ChildExit, type SpawnedChild, spawnChild} from '../../../foundation/platform/index.ts'
import type {Port} from '../multiplex/outbox.ts'
import {LineReader, type OverlongLine} from './framing.ts'
import {type StderrSink, StderrTail} from './stderr-tail.ts'

/** What a child tells its supervisor: lines, then once `leaving`, `lost`, `gone`. A stopped child tells nothing. */
export interface ChildListener {
  line(bytes: Buffer): void
  /** See LineListener. */
  overlong(line: OverlongLine): void
  drained(): void
  /** It has ended or closed a pipe: nothing more can be asked. What it had said before may still come. */
  leaving(because: ChildEnd['because'], exit: ChildExit | null): void
  /** It answers nothing any more. `exit`: how the process ended, null while it has not. */
  lost(because: ChildEnd['because'], exit: ChildExit | null): void
  /** The process and its group have ended. */
  gone(end: ChildEnd): void
}

/** How a child's service ended. */
export interface ChildEnd extends ChildExit {
  /** What was noticed first. */
  readonly because: 'exited' | 'stdout closed' | 'stdin write failed' | 'hangs'
  readonly stderr: readonly string[]
}

/** What to start. */
export interface ChildOptions {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stderr: StderrSink
  readonly listener: ChildListener
}

const MAX_LINE_BYTES = 256 * 1024 * 1024
/** How long the rest of stdout is waited for after the process has ended; a grandchild may hold the pipe for ever. */
const TAIL_MS = 250
/** Pipes close a little before the end of the process is known, which says more. */
const NOTICE_MS = 20
/** A child that has closed a pipe gets this long to end by itself. */
const LEAVE_MS = 1000
/** So soon is a closed stdin noticed while nobody writes: all calls under way would wait until their time is over. */
const FEEL_MS = 500
/** Reading one chunk takes less, unless it is full of tiny lines. */
const FLOOD_MS = 20
/** Who writes faster than we read has as much in the pipe as one read takes. */
const FULL_CHUNK = 64 * 1024
const PATIENCE = {
  exited: {afterEof: 0, afterTerm: TAIL_MS},
  hangs: {afterEof: 0, afterTerm: LEAVE_MS},
  'stdout closed': {afterEof: LEAVE_MS, afterTerm: LEAVE_MS},
  'stdin write failed': {afterEof: LEAVE_MS, afterTerm: LEAVE_MS},
} as const satisfies Record<ChildEnd['because'], object>
const LINE_FEED = Buffer.from('\n')

/** A running child as a port for messages. */
export class StdioChild implements Port {
  readonly #process: SpawnedChild
  readonly #listener: ChildListener
  readonly #tail: StderrTail
  #because: ChildEnd['because'] | null = null
  #exit: ChildExit | null = null
  #stopping = false
  #lines: LineReader
  #held = false
  #flooded = false
  readonly #feeling: NodeJS.Timeout

  static async spawn(options: ChildOptions): Promise<StdioChild> {
    const {argv, env} = options
    return new StdioChild(await spawnChild({argv, env}), options)
  }

  private constructor(process: SpawnedChild, {listener, stderr}: ChildOptions) {
    this.#process = process
    this.#listener = listener
    this.#tail = new StderrTail(stderr)
    const lines = new LineReader(listener, MAX_LINE_BYTES)
    this.#lines = lines
    process.stdout.on('data', (chunk: Buffer) => {
      const from = performance.now()
      lines.push(chunk)
      const took = performance.now() - from
      // Flooded: everybody else in this process has as much time as this server took. A busy machine makes reading slow
      // as well, but leaves nothing behind that would fill the next chunk.
      if (took > FLOOD_MS && chunk.length >= FULL_CHUNK) this.#rest(took)
    })
    const stdoutOver = new Promise<void>((resolve) => {
      process.stdout.once('end', () => {
        lines.end()
        resolve()
      })
      process.stdout.once('close', resolve)
      process.stdout.on('error', () => resolve())
    })
    process.stderr.on('data', (chunk: Buffer) => this.#tail.push(chunk))
    process.stderr.on('error', () => {})
    process.stderr.once('close', () => this.#tail.end())
    process.stdin.on('drain', () => listener.drained())
    const notice = (because: ChildEnd['because']): void => {
      setTimeout(() => void this.#end(because, stdoutOver), NOTICE_MS)
    }
    process.stdin.on('error', () => notice('stdin write failed'))
    this.#feeling = setInterval(() => process.feelStdin(), FEEL_MS).unref()
    void process.exited.then((exit) => {
      clearInterval(this.#feeling)
      this.#exit = exit
      return this.#end('exited', stdoutOver)
    })
    void stdoutOver.then(() => notice('stdout closed'))
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Last lines of stderr. */
  get stderr(): readonly string[] {
    return this.#tail.lines()
  }

  write(bytes: Buffer): boolean {
    const {stdin} = this.#process
    if (!stdin.writable) return true
    stdin.cork()
    stdin.write(bytes)
    const more = stdin.write(LINE_FEED)
    stdin.uncork()
    return more
  }

  hold(on: boolean): void {
    // What an ended process has left in the pipe is read in any case.
    if (this.#because !== null) return
    this.#held = on
    this.#flow()
    this.#lines.hold(on)
  }

  #rest(ms: number): void {
    this.#flooded = true
    this.#flow()
    setTimeout(() => {
      this.#flooded = false
      this.#flow()
    }, ms)
  }

  #flow(): void {
    const {stdout} = this.#process
    if (this.#held || this.#flooded) stdout.pause()
    else stdout.resume()
  }

  /** It hangs: its group is ended, and that is told as if it had ended by itself. */
  abandon(): void {
    void this.#end('hangs', Promise.resolve())
  }

  /** Ends the whole group; `gone` is not told any more. */
  async stop(patience: {afterEof: number; afterTerm: number}): Promise<ChildExit> {
    this.#stopping = true
    return this.#process.stop(patience)
  }

  async #end(because: ChildEnd['because'], stdoutOver: Promise<void>): Promise<void> {
    if (this.#because !== null || this.#stopping) return
    this.hold(false)
    this.#because = because
    this.#listener.leaving(because, this.#exit)
    if (because === 'exited') await Promise.race([stdoutOver, sleep(TAIL_MS)])
    else if (because !== 'hangs') await Promise.race([this.#process.exited, sleep(TAIL_MS)])
    if (!this.#stopping) this.#listener.lost(because, this.#exit)
    // A process that is still there serves nobody, and what an ended one has started must not outlive it.
    const exit = await this.#process.stop(PATIENCE[because])
    if (!this.#stopping) this.#listener.gone({...exit, because, stderr: this.stderr})
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
