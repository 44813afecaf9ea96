// Runs the built command line as a user would: a process of its own, its output, its exit status.

import {type ChildProcess, spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** Path of the entry that the package's `bin` names. */
export const RUN_JS = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** How to start it. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** A running command. */
export interface Cli {
  readonly pid: number
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Exit status when stdout and stderr are closed, too; `signal` when a signal ended it. */
  readonly exited: Promise<{readonly status: number | null; readonly signal: NodeJS.Signals | null}>
  /** Resolves with the match as soon as stdout and stderr together contain it; rejects when the process ends before. */
  output(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  kill(signal?: NodeJS.Signals): void
  /** SIGTERM, then SIGKILL after five seconds; waits for the end. */
  stop(): Promise<void>
}

/** Where Node 22 and newer keep compiled code: not in the homes that tests make and look at. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))

/** Environment without anything that configures tunnel-client, so that a test states what it depends on. */
export function cleanEnv(extra: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(CONTROL_PLANE|MCP|HEALTH|LOG|TUNNEL|HARPOON|ADMIN_UI|PROXY|CLOUDFLARED|OPENAI)_|_proxy$/i.test(name))
      continue
    if (/^(CA_BUNDLE|PID_FILE|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|VITEST.*|NODE_ENV|FORCE_COLOR)$/.test(name)) continue
    env[name] = value
  }
  return {...env, XDG_CACHE_HOME: CACHE, ...extra}
}

/** Starts any program and watches it. */
export function watchProgram(argv: readonly string[], options: CliOptions = {}): Cli {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {env: cleanEnv(options.env), cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe']})
  let out = ''
  let err = ''
  const waiting = new Set<() => void>()
  const grow = (): void => {
    for (const check of waiting) check()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    grow()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    grow()
  })
  let ended = false
  const exited = new Promise<{status: number | null; signal: NodeJS.Signals | null}>((resolve) => {
    child.once('close', (status, signal) => {
      ended = true
      resolve({status, signal})
      grow()
    })
  })
  const output = (pattern: RegExp, timeoutMs = 45_000): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const finish = (action: () => void): void => {
        clearTimeout(timer)
        waiting.delete(check)
        action()
      }
      const fail = (why: string): void =>
        finish(() =>
          reject(new Error(`${why}: ${argv.join(' ')} did not print ${pattern}\nstdout: ${out}\nstderr: ${err}`)),
        )
      const check = (): void => {
        const match = pattern.exec(out) ?? pattern.exec(err)
        if (match) finish(() => resolve(match))
        else if (ended) fail('ended')
      }
      const timer = setTimeout(() => fail(`after ${timeoutMs} ms`), timeoutMs)
      waiting.add(check)
      check()
    })
  const kill = (signal: NodeJS.Signals = 'SIGTERM'): void => {
    if (!ended) child.kill(signal)
  }
  const stop = async (): Promise<void> => {
    kill()
    const forced = setTimeout(() => kill('SIGKILL'), 5000)
    await exited
    clearTimeout(forced)
  }
  return {pid: child.pid ?? 0, child, stdout: () => out, stderr: () => err, exited, output, kill, stop}
}

/** Starts `tunnel-client` with these arguments. */
export const cli = (args: readonly string[], options: CliOptions = {}): Cli =>
  watchProgram([process.execPath, RUN_JS, ...args], options)

/** Runs `tunnel-client` to its end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{status: number | null; stdout: string; stderr: string}> {
  const running = cli(args, options)
  const {status} = await running.exited
  return {status, stdout: running.stdout(), stderr: running.stderr()}
}
