// A daemon inside the program of an MCP server: one object with a life of its own. It touches nothing global: no signal
// handlers, no exit, no output.

import {isTunnelError, messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import type {Daemon} from '../../../tunnel/daemon/index.ts'
import type {TunnelClientOptions, TunnelClientSettings} from '../options.ts'
import type {TunnelClient, TunnelClientEvents, TunnelPhase, TunnelState} from '../types.ts'
import {checkOptions} from './check-options.ts'
import {describe, isRefusal, looksSame} from './describe.ts'
import {Listeners} from './events.ts'
import type {OpenClient} from './open-client.ts'

const READY_TIMEOUT_MS = 30_000
/** Nobody waits longer: 24 days. A timer that is told to fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** How long calls may finish when an MCP server has given up, in milliseconds. */
const BROKEN_DRAIN_MS = 2000
/** How often a state is looked at that only time changes, in milliseconds. */
const LOOK_MS = 1000

/**
 * A client that has not been started. Throws `TC-SDK-OPTIONS` when options are missing, unknown or of the wrong type;
 * values are judged by `start()`.
 */
export function createTunnelClient(options: TunnelClientOptions): TunnelClient {
  checkOptions(options)
  const client = new EmbeddedClient(options)
  return {
    start: () => client.start(),
    waitUntilReady: (request) => client.waitUntilReady(request),
    state: () => client.state(),
    on: (event, listener) => client.on(event, listener),
    close: (request) => client.close(request),
  }
}

class EmbeddedClient {
  readonly #settings: TunnelClientSettings
  readonly #listeners: Listeners
  /** Told of every change of the state, before listeners are. */
  readonly #waiting = new Set<() => void>()
  readonly #stop = new AbortController()
  readonly #now = new AbortController()
  #phase: TunnelPhase = 'idle'
  #daemon: Daemon | null = null
  #open: OpenClient | null = null
  #error: TunnelError | null = null
  #starting: Promise<void> | null = null
  #closing: Promise<void> | null = null
  #shown: TunnelState
  #looking: NodeJS.Timeout | null = null
  #lookSoon = false

  constructor(settings: TunnelClientSettings) {
    this.#settings = settings
    this.#listeners = new Listeners((thrown) => this.#tellError('a listener threw', thrown))
    this.#shown = this.state()
    const {signal} = settings
    if (signal === undefined) return
    const onAbort = (): void => {
      this.close().catch((thrown) => this.#tellError('closing failed', thrown))
    }
    if (signal.aborted) onAbort()
    else {
      signal.addEventListener('abort', onAbort, {once: true})
      // A signal that outlives us must not keep us.
      this.#stop.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), {once: true})
    }
  }

  start(): Promise<void> {
    if (this.#closing !== null) return Promise.reject(closed('the client is closed'))
    this.#starting ??= this.#start()
    return this.#starting
  }

  async waitUntilReady({
    timeout = READY_TIMEOUT_MS,
    signal,
  }: {
    readonly timeout?: number
    readonly signal?: AbortSignal
  } = {}): Promise<void> {
    let stop = (): void => {}
    const settled = new Promise<void>((resolve, reject) => {
      let late = false
      const look = (): void => {
        const verdict = this.#verdict(late)
        if (verdict === 'ready') resolve()
        else if (verdict !== null) reject(verdict)
      }
      const onLate = (): void => {
        late = true
        look()
      }
      const onAbort = (): void => reject(signal?.reason)
      if (signal?.aborted) onAbort()
      signal?.addEventListener('abort', onAbort, {once: true})
      const timer = timeout === 0 || timeout > LONGEST_TIMER_MS ? undefined : setTimeout(onLate, timeout)
      this.#waiting.add(look)
      stop = () => {
        this.#waiting.delete(look)
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      look()
    })
    await settled.finally(stop)
  }

  state(): TunnelState {
    return describe({
      phase: this.#phase,
      daemon: this.#daemon,
      healthUrl: this.#open?.healthUrl ?? null,
      error: this.#error,
    })
  }

  on<Event extends keyof TunnelClientEvents>(event: Event, listener: TunnelClientEvents[Event]): () => void {
    return this.#listeners.add(event, listener)
  }

  close({drainTimeout}: {readonly drainTimeout?: number} = {}): Promise<void> {
    if (this.#closing === null) this.#closing = this.#close(drainTimeout)
    else if (drainTimeout === 0) this.#now.abort()
    return this.#closing
  }

  async #start(): Promise<void> {
    this.#become('starting')
    try {
      const {openClient} = await import('./open-client.ts')
      const open = await openClient(this.#settings, {
        signal: this.#stop.signal,
        onDaemon: (daemon) => {
          this.#daemon = daemon
        },
        onChange: () => this.#changed(),
      })
      this.#open = open
      if (this.#stop.signal.aborted) throw new Error('closed')
      this.#become('running')
      this.#looking = setInterval(() => this.#look(), LOOK_MS)
      this.#looking.unref()
      void open.daemon.broken.then((reason) => this.#broke(open, reason))
    } catch (thrown) {
      this.#daemon = null
      if (this.#stop.signal.aborted) throw closed('the client was closed while it started')
      this.#starting = null
      this.#become('failed', asTunnelError(thrown))
      throw this.#error
    }
  }

  async #close(drainTimeout: number | undefined): Promise<void> {
    this.#stop.abort()
    if (this.#phase === 'idle' || this.#phase === 'failed') {
      this.#become('closed')
      return
    }
    this.#become('closing')
    await this.#starting?.catch(() => {})
    const open = this.#open
    try {
      await open?.stop({drainMs: drainTimeout ?? open.drainTimeout, now: this.#now.signal})
    } finally {
      this.#gone()
      this.#become('closed')
    }
  }

  /** A channel has given up for good, so the tunnel is of no use any more. */
  async #broke(open: OpenClient, reason: string): Promise<void> {
    if (this.#open !== open || this.#closing !== null) return
    const error = new TunnelError('TC-DAEMON-GAVE-UP', reason)
    // Only a stop that was asked for meanwhile may overtake this one.
    await open.stop({drainMs: BROKEN_DRAIN_MS, now: this.#now.signal}).catch((thrown) => {
      this.#tellError('stopping after a failure failed', thrown)
    })
    if (this.#closing !== null) return
    this.#gone()
    this.#starting = null
    this.#become('failed', error)
    this.#listeners.tell('failed', error)
  }

  #gone(): void {
    this.#open = null
    this.#daemon = null
    if (this.#looking !== null) clearInterval(this.#looking)
    this.#looking = null
  }

  #become(phase: TunnelPhase, error: TunnelError | null = null): void {
    this.#phase = phase
    this.#error = error
    this.#look()
  }

  /** Something may have changed; it is looked at when whoever changed it is done. */
  #changed(): void {
    if (this.#lookSoon) return
    this.#lookSoon = true
    queueMicrotask(() => {
      this.#lookSoon = false
      this.#look()
    })
  }

  #look(): void {
    const state = this.state()
    const before = this.#shown
    if (looksSame(before, state)) return
    this.#shown = state
    for (const look of [...this.#waiting]) look()
    this.#listeners.tell('state', state)
    if (state.ready && !before.ready) this.#listeners.tell('ready')
  }

  /** What whoever waits for readiness is to hear; null: go on waiting. */
  #verdict(late: boolean): 'ready' | TunnelError | null {
    const {phase, ready, message, failure, error} = this.state()
    if (ready) return 'ready'
    if (this.#closing !== null) return closed('the client is closed')
    if (phase === 'idle') return new TunnelError('TC-SDK-NOT-STARTED', 'the client has not been started')
    if (error !== null) return error
    if (failure !== null && isRefusal(failure)) {
      return new TunnelError(
        'TC-SDK-NOT-READY',
        `the tunnel service refuses this client: ${failure.message} (${failure.code})`,
      )
    }
    if (!late) return null
    const why = failure === null ? message : `${message}: ${failure.message} (${failure.code})`
    return new TunnelError('TC-SDK-NOT-READY', `not ready in time: ${why}`)
  }

  #tellError(message: string, thrown: unknown): void {
    try {
      this.#settings.logger?.error?.(message, {error: messageOf(thrown)})
    } catch {}
  }
}

const closed = (message: string): TunnelError => new TunnelError('TC-SDK-CLOSED', message)

const asTunnelError = (thrown: unknown): TunnelError =>
  isTunnelError(thrown) ? thrown : new TunnelError('TC-DAEMON-START', messageOf(thrown), {cause: thrown})
