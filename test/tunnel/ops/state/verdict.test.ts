import {describe, expect, test} from 'vitest'
import {
  type ChannelProof,
  judge,
  judgeReadiness,
  type PollFacts,
  type ReadinessFacts,
  VerdictHistory,
} from '../../../../src/tunnel/ops/index.ts'

const poll = (change: Partial<PollFacts> = {}): PollFacts => ({
  state: 'accepted',
  failure: null,
  message: null,
  lastSuccessWall: 1,
  since: 1,
  status: null,
  mitigation: null,
  failures: 0,
  idleCutHint: false,
  ...change,
})
const REFUSED: ChannelProof = {
  state: 'failed',
  message: 'connect ECONNREFUSED',
  failure: 'refused',
  waitExhausted: false,
}
const words = {wasReady: true, name: (subject: string) => `<${subject}>`, next: () => 'do this'}

function verdict(change: Partial<ReadinessFacts>, wasReady = true) {
  const readiness = judgeReadiness({
    now: 100_000,
    stopping: false,
    oauth: {state: 'settled'},
    channels: [{name: 'main', gates: true, proof: {state: 'ok'}}],
    poll: poll(),
    foreignTunnelId: null,
    ...change,
  })
  const judged = judge(readiness, {...words, wasReady})
  expect(judged.ok, 'never says something else than /readyz').toBe(readiness.status === 200)
  return judged
}
const main = (proof: ChannelProof, gates = true) => [{name: 'main', gates, proof}]

describe('the verdict', () => {
  test('all is well', () => {
    expect(verdict({})).toMatchObject({status: 'ok', subject: null, failure_class: null, who: [], next: null})
  })

  test('names cause, rung, who has to act, code and what to do', () => {
    expect(verdict({poll: poll({state: 'failing', failure: 'key_invalid', message: '401'})})).toEqual({
      status: 'not_ready',
      ok: false,
      subject: 'control_plane',
      failure_class: 'key_invalid',
      rung: 'auth',
      who: ['you'],
      code: 'TC-AUTH-KEY-INVALID',
      docs: 'docs/failures.md#tc-auth-key-invalid',
      sentence: 'No call would work now: <control_plane>: the key was refused.',
      next: 'do this',
    })
  })

  test.each<[string, Partial<ReadinessFacts>, boolean, object]>([
    ['nothing is known yet', {channels: main({state: 'pending'})}, false, {status: 'starting', subject: 'mcp:main'}],
    ['what was known is gone', {channels: main({state: 'pending'})}, true, {status: 'not_ready', failure_class: null}],
    [
      'a refusal says more than what is pending, though /readyz names the first',
      {channels: main({state: 'pending'}), poll: poll({state: 'failing', failure: 'refused'})},
      false,
      {status: 'not_ready', subject: 'control_plane', failure_class: 'refused'},
    ],
    ['polls that go stale', {poll: poll({state: 'stale'})}, true, {status: 'not_ready', failure_class: 'timeout_http'}],
    [
      'a foreign tunnel',
      {foreignTunnelId: 'tunnel_x'},
      true,
      {status: 'not_ready', failure_class: 'identity', who: ['you', 'service']},
    ],
    [
      'a server that wants authorization is there',
      {channels: main({state: 'auth_required', message: '401'})},
      true,
      {status: 'ok'},
    ],
    [
      'a slow server is the business of who runs it, not of the tunnel service',
      {
        channels: main({
          state: 'timeout',
          message: 'slow',
          failure: 'timeout_http',
          since: 99_000,
          failures: 1,
          startup: false,
        }),
      },
      true,
      {status: 'degraded', who: ['mcp_vendor']},
    ],
    [
      'another channel is down',
      {channels: [...main({state: 'ok'}), {name: 'docs', gates: false, proof: REFUSED}]},
      true,
      {status: 'degraded', subject: 'mcp:docs', failure_class: 'refused'},
    ],
    ['stopping', {stopping: true}, true, {status: 'stopping'}],
  ])('%s', (_, change, wasReady, wanted) => {
    expect(verdict(change, wasReady)).toMatchObject(wanted)
  })
})

describe('its history', () => {
  test('keeps since when, over readings that say the same', () => {
    const history = new VerdictHistory()
    const broken = verdict({channels: main(REFUSED)})
    expect(history.wasReady).toBe(false)
    expect(history.note(verdict({}), 1000).change).toMatchObject({from: null, to: 'ok'})
    expect(history.wasReady).toBe(true)
    expect(history.note(verdict({}), 2000)).toMatchObject({
      verdict: {since: new Date(1000).toISOString()},
      change: null,
    })
    expect(history.note(broken, 3000).change).toMatchObject({from: 'ok', to: 'not_ready', failure_class: 'refused'})
    expect(history.note(broken, 4000).verdict.since).toBe(new Date(3000).toISOString())
    expect(history.changes).toHaveLength(2)
  })

  test('is bounded', () => {
    const history = new VerdictHistory()
    for (let n = 0; n < 500; n++) history.note(verdict(n % 2 === 0 ? {} : {channels: main(REFUSED)}), n)
    expect(history.changes).toHaveLength(50)
  })
})
