// The world that a fault happens to: service, daemon and MCP server as processes, a fault proxy on each way between them,
// and the book of what the MCP server has run.

import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {type Cli, watchProgram} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {postMcp} from '../../support/post-mcp.ts'
import {quietPort} from '../../support/servers/loopback.ts'
import {type Binding, type DaemonProcess, type ServiceProcess, Tunnel} from '../tunnel.ts'
import {type CallRecord, callOnce} from './callers.ts'
import type {Transport} from './fault.ts'
import {FaultProxy} from './proxy/fault-proxy.ts'

/** What a world is made of. */
export interface WorldOptions {
  readonly transport: Transport
  readonly daemonFlags?: Readonly<Record<string, string>>
  readonly serviceFlags?: Readonly<Record<string, string>>
  /** Argv of the MCP server over stdio. Default: the counting server. */
  readonly server?: (journal: string) => readonly string[]
  /** See Fault. */
  readonly readyAfterCall?: boolean
}

/** How long callers wait for their answer: what nobody can save is known after this. */
const RESPONSE_TIMEOUT_MS = 8_000
/** Callers of a fault that all calls survive: a busy machine takes its time with some of them. */
export const PATIENT = {'--response-timeout': '30s'}

const COUNTING_SERVER = fileURLToPath(new URL('servers/counting-server.mjs', import.meta.url))
const DAEMON_FLAGS: Readonly<Record<string, string>> = {
  '--control-plane.max-inflight': '64',
  '--mcp.max-concurrent-requests': '32',
}

/** See the head of this file. */
export class World {
  readonly transport: Transport
  readonly #options: WorldOptions
  readonly #tunnel = new Tunnel()
  readonly #journal: string
  readonly #affected = new Set<string>()
  #windows: {from: number; to: number}[] = []
  #ended = 0
  #waiting: {at: number; wake: () => void}[] = []
  #undo: (() => Promise<void> | void)[] = []
  #probes = 0
  #places: Readonly<Record<string, string>> | null = null
  /** The calls of the running load. */
  keys: readonly string[] = []
  service!: ServiceProcess
  daemon!: DaemonProcess
  /** Between daemon and service. */
  control!: FaultProxy
  /** Between daemon and MCP server; over stdio there is none. */
  mcp!: FaultProxy
  /** The MCP server's process; over stdio it is the daemon's child and not known here. */
  server: Cli | null = null

  constructor(options: WorldOptions) {
    this.#options = options
    this.transport = options.transport
    this.#journal = this.#tunnel.path('journal')
    writeFileSync(this.#journal, '')
  }

  /** A private file of this world. */
  path(name: string): string {
    return this.#tunnel.path(name)
  }

  async start(): Promise<this> {
    await this.startService()
    this.control = await FaultProxy.listen(this.service.baseUrl)
    if (this.transport === 'http') {
      this.server = watchProgram([process.execPath, COUNTING_SERVER, 'http', this.#journal])
      const port = (await this.server.output(/\{"port":(\d+)\}/))[1]
      this.mcp = await FaultProxy.listen(`http://127.0.0.1:${port}`)
    }
    await this.startDaemon()
    return this
  }

  /** The service, at the same addresses as before when there was one. */
  async startService(): Promise<void> {
    this.#places ??= {'--listen': await place(), '--ingress-listen': await place()}
    const usual = {'--state': this.path('service.json'), '--response-timeout': `${RESPONSE_TIMEOUT_MS}ms`}
    this.service = await this.#tunnel.service(
      Object.entries({...usual, ...this.#places, ...this.#options.serviceFlags}).flat(),
    )
  }

  async startDaemon(): Promise<void> {
    const argv = this.#options.server?.(this.#journal) ?? [process.execPath, COUNTING_SERVER, 'stdio', this.#journal]
    const binding: Binding = this.transport === 'http' ? {http: `${this.mcp.url}/mcp`} : {stdio: argv}
    const flags = Object.entries({...DAEMON_FLAGS, ...this.#options.daemonFlags}).flat()
    this.daemon = await this.#tunnel.daemon({...this.service, baseUrl: this.control.url}, binding, flags)
    if (this.#options.readyAfterCall) await (await postMcp(this.service.mcpUrl, {id: 0, method: 'ping'})).text()
    await this.daemon.ready()
  }

  /** Pid of the MCP server, whoever started it. */
  serverPid(): number {
    if (this.server !== null) return this.server.pid
    const {pid} = this.daemon.process
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
  }

  async stop(): Promise<void> {
    await this.restore()
    await this.control?.close()
    await this.mcp?.close()
    await this.#tunnel.stop()
    await this.server?.stop()
  }

  /** The call `key` may end otherwise than right: the fault has touched it. */
  affect(...keys: readonly string[]): void {
    for (const key of keys) this.#affected.add(key)
  }

  /** Calls that are open at any time while `harm` lasts are affected. */
  async affectWhile(harm: () => Promise<void>): Promise<void> {
    const window = {from: performance.now(), to: Number.POSITIVE_INFINITY}
    this.#windows.push(window)
    try {
      await harm()
    } finally {
      window.to = performance.now()
    }
  }

  isAffected({key, startedAt, endedAt}: CallRecord): boolean {
    return this.#affected.has(key) || this.#windows.some(({from, to}) => startedAt <= to && endedAt >= from)
  }

  /** Resolves when this many calls of the running load have ended. */
  ended(calls: number): Promise<void> {
    if (this.#ended >= calls) return Promise.resolve()
    return new Promise((wake) => this.#waiting.push({at: calls, wake}))
  }

  /** For the runner: a call has ended. */
  noteEnd(): void {
    this.#ended += 1
    this.#waiting = this.#waiting.filter(({at, wake}) => {
      if (this.#ended < at) return true
      wake()
      return false
    })
  }

  /** Runs when the fault is over, last first. */
  undo(action: () => Promise<void> | void): void {
    this.#undo.push(action)
  }

  /** Ends the fault: rules and everything that `undo` was told. */
  async restore(): Promise<void> {
    this.control?.calm()
    this.mcp?.calm()
    for (const action of this.#undo.splice(0).reverse()) await action()
  }

  /** Forgets the fault before; `keys` are the calls of the load to come. */
  fresh(keys: readonly string[]): void {
    this.keys = keys
    this.#affected.clear()
    this.#windows = []
    this.#ended = 0
    this.#waiting = []
  }

  /** How often the MCP server has run each key, by its own book. */
  executions(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const key of readFileSync(this.#journal, 'utf8').split('\n')) {
      if (key !== '') counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return counts
  }

  /** Waits until `/readyz` answers 200 and a call is right; returns the milliseconds that took. */
  async recovered(timeoutMs: number): Promise<number> {
    const from = performance.now()
    let last = ''
    await eventually(
      'recovery',
      async () => {
        const {status, body} = await this.daemon.get('/readyz')
        if (status !== 200) throw new Error(`/readyz ${status}: ${body.trim()}`)
        last = await this.call(`recovery.${++this.#probes}`)
        if (last !== 'right') throw new Error(`the call after it ended as ${last}`)
        return true
      },
      {timeoutMs},
    )
    return performance.now() - from
  }

  /** One call outside of the load. */
  call(key: string): Promise<string> {
    const lostAfter = 2 * RESPONSE_TIMEOUT_MS
    return callOnce({url: this.service.mcpUrl, key, id: 1, args: () => ({}), lostAfter})
  }
}

const place = async (): Promise<string> => `127.0.0.1:${await quietPort()}`
