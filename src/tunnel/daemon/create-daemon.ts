// Puts the floor together and owns every lifetime: started in one order, undone in the reverse one, polling last, so that
// nothing is taken from the service that could not be served.

import {TunnelError} from '../../foundation/errors/index.ts'
import {createHttpDoor, deferred, type HttpDoor, releases, scrub, systemClock} from '../../foundation/platform/index.ts'
import {type Channel, createChannels} from '../channels/index.ts'
import {
  controlPlaneDestination,
  controlPlaneOptions,
  createControlPlaneClient,
  type MetadataOutcome,
} from '../control-plane/index.ts'
import {createCallsSource, createDaemonMetrics, judgeReadiness, statusDocument, writePidFile} from '../ops/index.ts'
import {createRelay, type Relay, type RelayEvent} from '../relay/index.ts'
import {channelAdvice, channelOrigin, pollAdvice} from './advice.ts'
import {watchChannels} from './channel-proofs.ts'
import {
  type DaemonConstants,
  type DaemonParts,
  foreignTunnelId,
  metricsSource,
  pollFacts,
  readinessFacts,
  shownMetadata,
  statusFacts,
} from './facts.ts'
import {warnIgnoredProxies} from './ignored-proxies.ts'
import {createOperatorView} from './operator/operator-view.ts'
import {openSurface} from './operator/surface.ts'
import {countRelayEvent} from './relay-metrics.ts'
import {logStarted, logSummary} from './startup-lines.ts'
import {drainUntil, stopWithin, withinStart} from './steps.ts'
import type {Daemon, DaemonOptions, DaemonUrls, StopRequest} from './types.ts'

/** A daemon that has not been started. */
export function createDaemon(options: DaemonOptions): Daemon {
  const {config, identity} = options
  const {writer} = options.log
  const servers = options.servers ?? []
  const bindings = [...config.mcp.bindings, ...servers]
  const clock = options.clock ?? systemClock
  const constants: DaemonConstants = {config, identity, clock, startedAtWall: clock.wall(), scrub}
  const parts: DaemonParts = {
    stopping: false,
    channels: [],
    proofs: null,
    relay: null,
    address: null,
    metadata: null,
  }
  const component = (name: string) => writer.logger.child({component: name})
  const log = component('process')
  const undo = releases()
  const pollSettled = deferred<void>()
  const probesSettled = deferred<void>()
  const metadataCame = deferred<MetadataOutcome>()
  const broken = deferred<string>()

  const readiness = () => judgeReadiness(readinessFacts(parts, constants))
  const metrics = createDaemonMetrics({
    tunnelId: config.controlPlane.tunnelId,
    channels: bindings.map((binding) => binding.channel),
    version: identity.version,
    source: metricsSource(parts, constants, {ready: () => readiness().status === 200, view: () => view}),
  })

  const calls = createCallsSource({instanceId: identity.instanceId, clock, scrub})

  const view =
    options.surface === 'none'
      ? null
      : createOperatorView({
          parts,
          constants,
          log: options.log,
          readiness,
          channels: bindings.map((binding) => binding.channel),
          env: options.env ?? process.env,
          callDocument: (trace) => calls.document(trace),
        })
  const changed = (): void => {
    view?.changed()
    options.onChange?.()
  }

  const onRelayEvent = (event: RelayEvent): void => {
    countRelayEvent(metrics, event)
    if (view !== null) {
      // Without a surface nobody could ask for them.
      if (event.type === 'call_started') calls.started(event.trace)
      else if (event.type === 'call_finished') calls.finished(event.trace)
      view.onRelayEvent(event)
    }
    if (event.type === 'poll_state') {
      if (event.status.state !== 'pending') pollSettled.resolve()
      changed()
    }
    if (event.type !== 'metadata') return
    const metadata = shownMetadata(event.outcome, scrub)
    parts.metadata = metadata
    metadataCame.resolve(metadata)
    changed()
    const foreign = foreignTunnelId(metadata, config)
    if (foreign !== null) log.error('control plane answered for another tunnel', {answered_for: foreign})
  }

  const openChannels = async (door: HttpDoor): Promise<readonly Channel[]> => {
    const channels = createChannels({
      bindings,
      door,
      log: writer.logger,
      clock,
      identity: {name: identity.name, version: identity.version},
      extraHeaders: config.mcp.extraHeaders,
      discoveryExtraHeaders: config.mcp.discoveryExtraHeaders,
      extraCa: config.trust.caBundle?.pems ?? [],
      startupWaitTimeout: config.mcp.startupWaitTimeout,
      connectionMaxTtl: config.mcp.connectionMaxTtl,
      secretVariables: config.secretVariables,
      ...(options.env ? {env: options.env} : {}),
      ...(options.stderr ? {stderr: options.stderr} : {}),
      announce: pollSettled.promise,
      originOf: (channel) => channelOrigin(config, channel),
      advise: (channel, failure) => channelAdvice(config, channel, failure),
    })
    parts.channels = channels
    parts.proofs = watchChannels({
      channels,
      pollChannels: config.controlPlane.pollChannels,
      startupWaitTimeout: config.mcp.startupWaitTimeout,
      clock,
      scrub,
    })
    const {proofs} = parts
    undo.add('channel watch', () => proofs.stop())
    void proofs.gaveUp.then(broken.resolve)
    for (const channel of channels) {
      undo.add(`channel ${channel.name}`, () => channel.stop())
      channel.watch(changed)
    }
    await Promise.all(channels.map((channel) => channel.start()))
    return channels
  }

  const buildRelay = (door: HttpDoor, channels: readonly Channel[]): Relay => {
    const destination = door.destination(controlPlaneDestination(config))
    const client = createControlPlaneClient(
      controlPlaneOptions({config, identity, channels, destination, clock, log: component('controlplane')}),
    )
    const byName = new Map(channels.map((channel) => [channel.name, channel]))
    const {maxInflight, pollTimeout, pollDeadlineGuardrail} = config.controlPlane
    const {maxConcurrentRequests, connectionMaxTtl} = config.mcp
    return createRelay({
      client,
      channels: {get: (name) => byName.get(name), list: () => channels},
      limits: {maxInflight, maxConcurrentRequests, connectionMaxTtl, pollTimeout, pollDeadlineGuardrail},
      clock,
      log: writer.logger,
      advise: ({failure}) => pollAdvice(config, failure),
      onEvent: onRelayEvent,
    })
  }

  const start = async (): Promise<DaemonUrls> => {
    const door = createHttpDoor({clock})
    undo.add('connections', () => door.close())
    const channels = await openChannels(door)
    if (view !== null) {
      view.start()
      undo.add('operator view', () => view.stop())
      const sources = {
        ...view.sources,
        readiness,
        metrics: () => metrics.expose(),
        status: () => statusDocument(statusFacts(parts, constants)),
        calls,
      }
      const onAddress = (address: DaemonParts['address']): void => {
        parts.address = address
      }
      await openSurface({config, writer, sources, undo, onAddress})
      // Before the surface closes, which waits for its readers.
      undo.add('event stream', () => view.stop())
    }
    const relay = buildRelay(door, channels)
    const {pidFile} = config.process
    if (pidFile !== null) {
      const file = await writePidFile(pidFile, process.pid)
      undo.add('pid file', () => file.remove())
      log.info('pid file written', {pid: process.pid, path: pidFile})
    }
    if (parts.stopping) throw new TunnelError('TC-DAEMON-START', 'context canceled')
    if (config.trust.caBundle !== null) log.info('custom CA bundle configured', {path: config.trust.caBundle.path})
    warnIgnoredProxies(log, config, options.env ?? process.env)
    const health = parts.address?.url ?? null
    logSummary(log, {config, servers, healthUrl: health, readiness: readiness()})
    void Promise.all(channels.map((channel) => channel.probe())).then(() => probesSettled.resolve())
    undo.add('relay', () => relay.stop())
    parts.relay = relay
    relay.start()
    const started = logStarted(log, {config, version: identity.version, metadata: metadataCame.promise})
    undo.add('started line', () => started.cancel())
    announceOauth(channels)
    return {health}
  }

  /** OAuth discovery of a main channel that is no HTTP server has nothing to find; watchers wait for this line. */
  const announceOauth = (channels: readonly Channel[]): void => {
    const main = channels.find((channel) => channel.name === 'main')
    if (main === undefined || main.kind === 'http-streamable') return
    void Promise.all([pollSettled.promise, probesSettled.promise]).then(() => {
      if (!parts.stopping) component('oauth').debug('oauth discovery server URL is not configured')
    })
  }

  const stop = async ({drainMs, now}: StopRequest): Promise<void> => {
    parts.stopping = true
    changed()
    if (parts.relay !== null) await drainUntil({relay: parts.relay, ms: drainMs, now, log})
    await stopWithin(undo)
    log.info('tunnel-client stopped')
  }

  let stopped: Promise<void> | null = null
  return {
    start: (signal) =>
      withinStart({
        start,
        undo: () => {
          parts.stopping = true
          return stopWithin(undo)
        },
        signal,
      }),
    stop: (request) => {
      stopped ??= stop(request)
      return stopped
    },
    broken: broken.promise,
    readiness,
    poll: () => pollFacts(parts, constants),
    pollSettled: pollSettled.promise,
    probesSettled: probesSettled.promise,
  }
}
