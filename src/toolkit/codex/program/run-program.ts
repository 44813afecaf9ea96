// Runs a program to its end and keeps what it printed: Codex's own commands, and the command line behind the plugin's
// tools. Nothing runs for ever, and nothing prints for ever.

import type {Readable} from 'node:stream'
import {spawnChild} from '../../../foundation/platform/index.ts'

/** What to run. */
export interface ProgramRun {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Milliseconds until it is stopped. */
  readonly timeoutMs: number
  /** Stops it earlier. */
  readonly signal?: AbortSignal | undefined
}

/** How it went. */
export interface ProgramResult {
  /** Exit status; null when it was stopped, or never started. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Why there is no exit status, in one clause; null when there is one. */
  readonly problem: string | null
}

const MAX_BYTES = 20 * 1024 * 1024
const PATIENCE = {afterEof: 0, afterTerm: 2000}

/** Runs it. Never rejects. */
export async function runProgram(run: ProgramRun): Promise<ProgramResult> {
  const none = {code: null, stdout: '', stderr: ''}
  if (run.signal?.aborted) return {...none, problem: 'it was interrupted'}
  const child = await spawnChild({
    argv: run.argv,
    env: run.env,
    ...(run.cwd === undefined ? {} : {cwd: run.cwd}),
  }).catch((thrown: NodeJS.ErrnoException) => thrown)
  if (child instanceof Error) return {...none, problem: `it cannot be started (${child.code ?? child.message})`}
  child.stdin.on('error', () => {}).end()
  const output = Promise.all([collect(child.stdout), collect(child.stderr)])
  let problem: string | null = null
  const stop = (why: string): void => {
    problem ??= why
    void child.stop(PATIENCE)
  }
  const timer = setTimeout(() => stop(`it did not end within ${run.timeoutMs / 1000} s`), run.timeoutMs)
  const interrupt = (): void => stop('it was interrupted')
  run.signal?.addEventListener('abort', interrupt, {once: true})
  const exit = await child.exited
  clearTimeout(timer)
  run.signal?.removeEventListener('abort', interrupt)
  // What it left running may keep the pipes open for ever; what it said itself is here within a moment.
  const [stdout, stderr] = await within(output, 1000, () => [child.stdout.destroy(), child.stderr.destroy()])
  if (exit.code === null) problem ??= `it was ended by ${exit.signal}`
  return {code: problem === null ? exit.code : null, stdout, stderr, problem}
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BYTES) chunks.push(chunk)
  })
  await new Promise<void>((resolve) => {
    stream.once('close', resolve).once('error', () => resolve())
  })
  return Buffer.concat(chunks).toString('utf8')
}

async function within<T>(promise: Promise<T>, ms: number, giveUp: () => unknown): Promise<T> {
  const timer = setTimeout(giveUp, ms)
  const value = await promise
  clearTimeout(timer)
  return value
}
