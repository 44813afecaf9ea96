import {describe, expect, test} from 'vitest'
import {createDaemonMetrics, type FinishedCommand} from '../../../src/tunnel/ops/index.ts'

const fresh = () =>
  createDaemonMetrics({
    tunnelId: 't1',
    channels: ['main', 'docs'],
    source: {
      queue: () => ({length: 0, capacity: 20}),
      workers: () => ({occupancy: 0, capacity: 10}),
      lastPollSuccessWall: () => null,
      ready: () => true,
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
})
