// A conversation with Codex's app-server: one JSON document per line, both ways, without a `jsonrpc` member. Requests of
// the server are answered, so that nothing waits for us for ever, and never taken for answers to ours.

import {setTimeout as sleep} from 'node:timers/promises'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {type SpawnedChild, spawnChild} from '../../../foundation/platform/index.ts'
import type {AppServerCommand} from './app-server-command.ts'

/** A running app-server. */
export interface AppServer {
  readonly pid: number
  /** One request. @throws TunnelError `TC-CODEX-REFUSED`: `<method>: <message>`, a time-out, or the end of the process. */
  request(method: string, params: object, timeoutMs: number): Promise<Record<string, unknown>>
  notify(method: string, params: object): void
  /** Closes its stdin, then stops it. */
  stop(): Promise<void>
}

const MAX_LINE = 8 * 1024 * 1024
const STDERR_LINES = 32
const PATIENCE = {afterEof: 3000, afterTerm: 2000}
/** What it said before its end is read within a moment; what it has left running may hold its pipes for ever. */
const LAST_WORDS_MS = 1000
const REFUSED_BY_CLIENT = -32601

interface Pending {
  readonly method: string
  resolve(result: Record<string, unknown>): void
  reject(error: Error): void
}

/** Starts it. @throws TunnelError `TC-CODEX-REFUSED` when that is impossible. */
export async function startAppServer(
  command: AppServerCommand,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AppServer> {
  const child = await spawnChild({argv: command.argv, env, cwd: command.cwd}).catch((thrown: NodeJS.ErrnoException) => {
    throw refused(`${command.argv[0]} cannot be started (${thrown.code ?? thrown.message})`, thrown)
  })
  return converse(child)
}

function converse(child: SpawnedChild): AppServer {
  const pending = new Map<number, Pending>()
  const stderr: string[] = []
  let nextId = 1
  let ended: Error | null = null

  const send = (message: object): void => {
    if (ended === null) child.stdin.write(`${JSON.stringify(message)}\n`)
  }
  const fail = (why: Error): void => {
    ended ??= why
    for (const {reject} of pending.values()) reject(ended)
    pending.clear()
  }
  const receive = (line: string): void => {
    const message = parse(line)
    if (message === null) return
    const {id, method} = message
    if (typeof method === 'string') {
      // Its ids are its own and may equal ours.
      if (id !== undefined && id !== null) {
        send({id, error: {code: REFUSED_BY_CLIENT, message: `${method} is not answered by this client`}})
      }
      return
    }
    const waiting = typeof id === 'number' ? pending.get(id) : undefined
    if (waiting === undefined) return
    pending.delete(id as number)
    const error = message.error as {message?: unknown} | undefined
    if (error) waiting.reject(refused(`${waiting.method}: ${String(error.message)}`))
    else waiting.resolve((message.result ?? {}) as Record<string, unknown>)
  }

  child.stdin.on('error', () => {})
  eachLine(child.stdout, receive)
  eachLine(child.stderr, (line) => {
    if (line.trim() !== '') stderr.push(line.trim())
    if (stderr.length > STDERR_LINES) stderr.shift()
  })
  const read = Promise.all([closed(child.stdout), closed(child.stderr)])
  void child.exited.then(async () => {
    await Promise.race([read, sleep(LAST_WORDS_MS, undefined, {ref: false})])
    const last = stderr.findLast((line) => !line.startsWith('WARNING:'))
    fail(refused(`codex app-server exited${last === undefined ? '' : `: ${last}`}`))
  })

  return {
    pid: child.pid,
    notify: (method, params) => send({method, params}),
    request: (method, params, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended)
        const id = nextId
        nextId += 1
        const timer = setTimeout(() => {
          pending.delete(id)
          reject(refused(`${method} timed out after ${timeoutMs / 1000}s`))
        }, timeoutMs)
        const done =
          <T>(settle: (value: T) => void) =>
          (value: T): void => {
            clearTimeout(timer)
            settle(value)
          }
        pending.set(id, {method, resolve: done(resolve), reject: done(reject)})
        send({id, method, params})
      }),
    stop: async () => {
      fail(refused('codex app-server was stopped'))
      await child.stop(PATIENCE)
    },
  }
}

const closed = (stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve) => {
    stream.once('close', resolve)
  })

/** Calls back with every line; longer ones than 8 MiB are dropped. */
function eachLine(stream: NodeJS.ReadableStream, receive: (line: string) => void): void {
  let rest = ''
  let dropping = false
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (!dropping) receive(line)
      dropping = false
    }
    if (rest.length > MAX_LINE) {
      rest = ''
      dropping = true
    }
  })
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const refused = (message: string, cause?: unknown): TunnelError =>
  new TunnelError('TC-CODEX-REFUSED', message, cause === undefined ? {} : {cause})
