import {describe, expect, test} from 'vitest'
import {createDaemonMetrics, type FinishedCommand, METRICS} from '../../../src/tunnel/ops/index.ts'

const quiet = {wall: () => 2000, pollsOpen: () => 0, channels: () => [], streamReaders: () => 0, loopLag: () => 0}
const fresh = () =>
  createDaemonMetrics({
    tunnelId: 't1',
    version: '1.2.3',
    channels: ['main', 'docs'],
    source: {
      queue: () => ({length: 0, capacity: 20}),
      workers: () => ({occupancy: 0, capacity: 10}),
      lastPollSuccessWall: () => null,
      ready: () => true,
      ...quiet,
    },
  })
const text = async (metrics: ReturnType<typeof fresh>) => (await metrics.expose()).text
const finished = (change: Partial<FinishedCommand> = {}): FinishedCommand => ({
  requestKind: 'call',
  method: 'tools/call',
  channel: 'main',
  status: 200,
  pollToResponseMs: 12.4,
  enqueueToResponseMs: null,
  ...change,
})

describe('series', () => {
  test('before anything happened: zero, and no success of a poll', async () => {
    const body = await text(fresh())
    expect(body).toContain('commands_poll_last_successful_timestamp_seconds 0\n')
    expect(body).toContain('commands_poll_cycles_total 0\n')
    expect(body).not.toContain('commands_poll_errors_total{')
  })

  test('polls', async () => {
    const metrics = fresh()
    metrics.pollStarted()
    metrics.pollFinished({latencyMs: 30, errorKind: null})
    metrics.pollFinished({latencyMs: 61_000, errorKind: 'timeout'})
    metrics.commandsPolled({polled: 3, enqueued: 2})
    const body = await text(metrics)
    expect(body).toContain('commands_poll_latency_seconds_bucket{le="0.025",error="false"} 0\n')
    expect(body).toContain('commands_poll_latency_seconds_bucket{le="0.05",error="false"} 1\n')
    expect(body).toContain('commands_poll_latency_seconds_bucket{le="60",error="true"} 0\n')
    expect(body).toContain('commands_poll_latency_seconds_bucket{le="+Inf",error="true"} 1\n')
    expect(body).toContain('commands_poll_latency_seconds_sum{error="true"} 61\n')
    expect(body).toContain('commands_poll_errors_total{error_kind="timeout"} 1\n')
    expect(body).toContain('commands_polled_total 3\n')
    expect(body).toContain('commands_enqueued_total 2\n')
  })

  test.runIf(process.platform === 'linux')('descriptors and their limit, which alerts divide', async () => {
    const body = await text(fresh())
    const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(body)?.[1])
    expect(value('process_open_fds')).toBeGreaterThan(2)
    expect(value('process_max_fds')).toBeGreaterThanOrEqual(value('process_open_fds'))
  })

  test('a call that its caller took back is over, and no failure that anybody is woken for', async () => {
    const metrics = fresh()
    metrics.callEnded({channel: 'main', outcome: 'cancelled', failure: 'canceled'})
    metrics.callEnded({channel: 'main', outcome: 'expired', failure: 'deadline'})
    const body = await text(metrics)
    expect(body).toContain('tunnel_client_calls_total{channel="main",outcome="cancelled"} 1\n')
    expect(body.match(/^tunnel_client_failures_total\{.*$/gm)).toEqual([
      'tunnel_client_failures_total{channel="main",failure_class="deadline"} 1',
    ])
  })

  test('one scrape does not change the next', async () => {
    const metrics = fresh()
    metrics.commandFinished(finished())
    const series = (body: string) => body.split('\n').filter((line) => line.startsWith('command'))
    expect(series(await text(metrics))).toEqual(series(await text(metrics)))
  })

  test('what comes from the wire cannot make new series without end', async () => {
    const metrics = fresh()
    for (let n = 0; n < 500; n++) {
      metrics.commandFinished(finished({channel: `c${n}`, method: `m${n}`}))
      metrics.unsupportedChannel(`type${n}`)
    }
    const body = await text(metrics)
    expect(body.split('\n').filter((line) => line.startsWith('command_end_to_end_latency_milliseconds_count'))).toEqual(
      [
        'command_end_to_end_latency_milliseconds_count{request_kind="call",request_method="other",channel="other",tunnel_id="t1",tunnel_service_status="200",latency_type="poll_to_response"} 500',
      ],
    )
    expect(body).toContain(
      'command_unsupported_channel_total{tunnel_id="t1",channel="other",command_type="unknown"} 500\n',
    )
  })

  test('a method is named only for JSON-RPC', async () => {
    const metrics = fresh()
    metrics.commandFinished(
      finished({requestKind: 'session_termination', method: null, status: 405, enqueueToResponseMs: 3}),
    )
    const body = await text(metrics)
    expect(body).toContain(
      'count{request_kind="session_termination",channel="main",tunnel_id="t1",tunnel_service_status="405",latency_type="enqueue_to_response"} 1\n',
    )
    expect(body).not.toContain('request_method')
  })

  test('the rows of the documentation are the series of a scrape, with their types', async () => {
    const body = await text(fresh())
    const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type])
    const rows = Object.entries(METRICS).map(([name, {type}]) => [name, type])
    expect(types.toSorted()).toEqual(rows.toSorted())
  })

  test('a hostile server and hostile callers make no more series than the sets allow', async () => {
    const metrics = fresh()
    for (let n = 0; n < 2000; n++) {
      const channel = n % 2 === 0 ? 'main' : `made-up-${n}`
      metrics.commandFinished(finished({channel, method: `tools/call\u0000${n}`, status: 100 + (n % 900)}))
      metrics.callEnded({channel, outcome: 'error', failure: 'mcp_status'})
      metrics.notificationsDropped(channel, 1)
    }
    const lines = (await text(metrics)).split('\n').filter((line) => !line.startsWith('#'))
    const counts = lines.filter((line) => line.startsWith('command_end_to_end_latency_milliseconds_count'))
    expect(counts.length).toBeLessThan(140)
    expect(lines.filter((line) => line.startsWith('tunnel_client_calls_total')).toSorted()).toEqual([
      'tunnel_client_calls_total{channel="main",outcome="error"} 1000',
      'tunnel_client_calls_total{channel="other",outcome="error"} 1000',
    ])
    expect(lines.join('\n')).not.toContain('made-up')
  })

  test('figures of channels, polls and the process are read at the scrape', async () => {
    const metrics = createDaemonMetrics({
      tunnelId: 't1',
      version: '1.2.3',
      channels: ['main'],
      source: {
        ...quiet,
        queue: () => ({length: 0, capacity: 20}),
        workers: () => ({occupancy: 0, capacity: 10}),
        lastPollSuccessWall: () => 500,
        ready: () => true,
        channels: () => [
          {name: 'main', queued: 3, running: 2, ready: true, restarts: 4},
          {name: 'docs', queued: 0, running: 0, ready: false, restarts: null},
        ],
        streamReaders: () => 2,
        loopLag: () => 250,
      },
    })
    metrics.pollFailing('key_invalid')
    metrics.responsePosted('delivered')
    const body = await text(metrics)
    for (const line of [
      'tunnel_client_lane_depth{channel="main",state="queued"} 3',
      'tunnel_client_lane_depth{channel="main",state="running"} 2',
      'tunnel_client_channel_ready{channel="docs"} 0',
      'tunnel_client_child_restarts_total{channel="main"} 4',
      'tunnel_client_poll_age_seconds 1.5',
      'tunnel_client_poll_failures_total{failure_class="key_invalid"} 1',
      'tunnel_client_responses_total{outcome="delivered"} 1',
      'tunnel_client_stream_readers 2',
      'tunnel_client_event_loop_lag_seconds 0.25',
      `tunnel_client_build_info{version="1.2.3",node="${process.version}"} 1`,
    ])
      expect(body).toContain(`${line}\n`)
    expect(body).not.toContain('child_restarts_total{channel="docs"')
  })
})
