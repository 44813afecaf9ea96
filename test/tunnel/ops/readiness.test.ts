import {describe, expect, test} from 'vitest'
import {type ChannelProof, judgeReadiness, type PollFacts, type ReadinessFacts} from '../../../src/tunnel/ops/index.ts'

const accepted: PollFacts = {
  state: 'accepted',
  failure: null,
  message: null,
  lastSuccessWall: 1,
  since: 1,
  status: null,
  mitigation: null,
  failures: 0,
  idleCutHint: false,
}
const main = (proof: ChannelProof) => [{name: 'main', gates: true, proof}]
const facts = (change: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  now: 100_000,
  stopping: false,
  oauth: {state: 'settled'},
  channels: main({state: 'ok'}),
  poll: accepted,
  foreignTunnelId: null,
  ...change,
})
const timeout = (since: number, failures: number, startup = true): ChannelProof => ({
  state: 'timeout',
  message: 'slow',
  since,
  failures,
  startup,
  failure: 'timeout_http',
})
const lapse = (failures: number): ChannelProof => timeout(99_000, failures, false)

describe('the bodies of /readyz', () => {
  test.each<[string, Partial<ReadinessFacts>, number, string]>([
    ['all evidence', {}, 200, 'ready'],
    ['OAuth pending', {oauth: {state: 'pending'}}, 503, 'oauth discovery pending'],
    ['OAuth failed', {oauth: {state: 'failed', message: 'boom'}}, 503, 'oauth discovery failed: boom'],
    ['no probe yet', {channels: main({state: 'pending'})}, 503, 'mcp startup probe pending'],
    [
      '401 of the MCP server is alive',
      {channels: main({state: 'auth_required', message: 'Unauthorized'})},
      200,
      'ready (mcp initialize requires auth: Unauthorized)',
    ],
    [
      'the wait for the server is over',
      {channels: main({state: 'failed', message: 'refused', failure: 'refused', waitExhausted: true})},
      503,
      'mcp startup wait failed: refused',
    ],
    [
      'the probe failed',
      {channels: main({state: 'failed', message: 'refused', failure: 'refused', waitExhausted: false})},
      503,
      'mcp probe failed: refused',
    ],
    ['one time-out', {channels: main(timeout(99_000, 1))}, 200, 'ready (mcp startup probe timed out: slow)'],
    ['old, but only two', {channels: main(timeout(1000, 2))}, 200, 'ready (mcp startup probe timed out: slow)'],
    ['three within 30 s', {channels: main(timeout(71_000, 3))}, 200, 'ready (mcp startup probe timed out: slow)'],
    ['three and 30 s', {channels: main(timeout(70_000, 3))}, 503, 'mcp probe failed: slow'],
    ['two of a server that had answered', {channels: main(lapse(2))}, 200, 'ready (mcp server is slow: slow)'],
    ['three of a server that had answered', {channels: main(lapse(3))}, 503, 'mcp probe failed: slow'],
    ['no poll yet', {poll: {...accepted, state: 'pending'}}, 503, 'control plane poll pending'],
    ['evidence too old', {poll: {...accepted, state: 'stale'}}, 503, 'control plane poll pending'],
    [
      'polls are refused',
      {poll: {...accepted, state: 'failing', failure: 'key_invalid', message: '401', lastSuccessWall: 1}},
      503,
      'control plane poll failing: key_invalid',
    ],
    [
      'another tunnel answered',
      {foreignTunnelId: 'tunnel_b'},
      503,
      'control plane identity mismatch: the service answered for tunnel_b',
    ],
    ['stopping', {stopping: true}, 503, 'draining'],
  ])('%s', (_, change, status, body) => {
    expect(judgeReadiness(facts(change))).toMatchObject({status, body})
  })

  test("the reference's own reasons come before ours", () => {
    const poll: PollFacts = {...accepted, state: 'pending'}
    expect(judgeReadiness(facts({poll, channels: main({state: 'pending'})})).body).toBe('mcp startup probe pending')
    expect(judgeReadiness(facts({poll, oauth: {state: 'pending'}})).body).toBe('oauth discovery pending')
  })

  test('a 200 with a reservation needs the control plane as well', () => {
    const channels = main({state: 'auth_required', message: '401'})
    expect(judgeReadiness(facts({channels, poll: {...accepted, state: 'pending'}})).status).toBe(503)
  })
})

describe('reasons', () => {
  test('name every subject, also those that do not gate', () => {
    const channels = [
      {name: 'main', gates: true, proof: {state: 'ok'} as const},
      {
        name: 'docs',
        gates: false,
        proof: {state: 'failed', message: 'down', failure: 'refused', waitExhausted: false} as const,
      },
    ]
    const verdict = judgeReadiness(facts({channels}))
    expect(verdict.status).toBe(200)
    expect(verdict.reasons).toEqual([
      {subject: 'oauth', state: 'ok', ok: true, gates: true, message: 'oauth discovery settled', failure_class: null},
      {subject: 'mcp:main', state: 'ok', ok: true, gates: true, message: 'ready', failure_class: null},
      {
        subject: 'mcp:docs',
        state: 'failed',
        ok: false,
        gates: false,
        message: 'mcp probe failed: down',
        failure_class: 'refused',
      },
      {subject: 'control_plane', state: 'ok', ok: true, gates: true, message: 'poll accepted', failure_class: null},
    ])
  })

  test('show all that is broken at once, not only the first', () => {
    const verdict = judgeReadiness(
      facts({channels: main({state: 'pending'}), poll: {...accepted, state: 'failing', failure: 'refused'}}),
    )
    expect(verdict.reasons.filter((reason) => !reason.ok).map((reason) => reason.subject)).toEqual([
      'mcp:main',
      'control_plane',
    ])
  })
})
