// Starts the separate processes of the bench topology, finds out when they are up, and ends exactly those.

import {type ChildProcess, spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

/** A running part of the topology. */
export interface Part {
  readonly name: string
  readonly pid: number
  /** The first JSON document that it printed, when it prints one. */
  readonly info: Readonly<Record<string, string>>
  /** Resolves with how it ended. */
  readonly ended: Promise<{code: number | null; signal: NodeJS.Signals | null}>
  /** Everything that it said on stderr lately. */
  errors(): string
  kill(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Path of one of the bench's own programs. */
export const program = (file: string): string => here(`../programs/${file}`)

/** Path of the built command line, as a user runs it. */
export const RUN_JS = here('../../../bin/run.js')

/** How to start one part. */
export interface PartSpec {
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Wait for one JSON document on stdout before the part counts as started. */
  readonly printsInfo: boolean
}

/** Starts a part; rejects with its stderr when it ends before it is up. */
export async function startPart(spec: PartSpec): Promise<Part> {
  const [program = '', ...args] = spec.argv
  const child = spawn(program, args, {env: {...baseEnv(), ...spec.env}, stdio: ['pipe', 'pipe', 'pipe']})
  // A bench that is interrupted leaves nothing behind.
  const forget = (): void => void child.kill('SIGKILL')
  process.once('exit', forget)
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000)
  })
  const ended = new Promise<{code: number | null; signal: NodeJS.Signals | null}>((resolve) =>
    child.once('close', (code, signal) => {
      process.off('exit', forget)
      resolve({code, signal})
    }),
  )
  const info = spec.printsInfo ? await firstJson(child, ended, () => errors) : {}
  if (!spec.printsInfo) child.stdout.resume()
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    info,
    ended,
    errors: () => errors,
    kill: (signal) => child.kill(signal),
    stop: () => stop(child, ended),
  }
}

/** Environment of the parts: ours, without what would slow down or reconfigure a client under test. */
export function baseEnv(): NodeJS.ProcessEnv {
  const {NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env} = process.env
  for (const name of Object.keys(env)) if (/^(CONTROL_PLANE|MCP|HEALTH|LOG|TUNNEL_CLIENT)_/.test(name)) delete env[name]
  return {
    ...env,
    TUNNEL_CLIENT_CODEX_APP_SERVER_CMD: 'sleep',
    TUNNEL_CLIENT_CODEX_APP_SERVER_ARGS: '3600',
  }
}

async function firstJson(
  child: ChildProcess,
  ended: Promise<unknown>,
  errors: () => string,
): Promise<Record<string, string>> {
  if (!child.stdout) throw new Error('no stdout')
  const lines = createInterface({input: child.stdout})
  let text = ''
  return await new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error(`${child.spawnargs.join(' ')} ended: ${errors()}`)))
    lines.on('line', (line) => {
      text += `${line}\n`
      try {
        resolve(JSON.parse(text) as Record<string, string>)
      } catch {
        // not complete yet
      }
    })
  })
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.stdin?.end()
  child.kill('SIGTERM')
  const forced = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(forced)
}
