import {describe, expect, test} from 'vitest'
import {noAnswer} from '../../../../src/tunnel/control-plane/poll.ts'
import type {RelayEvent} from '../../../../src/tunnel/relay/index.ts'
import {createPollEvidence} from '../../../../src/tunnel/relay/polling/poll-evidence.ts'
import {manualTime} from '../../../support/manual-time.ts'

function evidence() {
  const time = manualTime()
  const events: RelayEvent[] = []
  const made = createPollEvidence({clock: time.clock, maxAge: 35_000, emit: (event) => events.push(event)})
  const states = () => events.flatMap((event) => (event.type === 'poll_state' ? [event.status.state] : []))
  return {evidence: made, time, states}
}

const refused = {...noAnswer('key_invalid', 'poll: unexpected status 401', null), status: 401}

describe('what may be claimed about polling', () => {
  test('nothing at first; accepted after proof; stale when the proof is older than time-out plus guardrail', () => {
    const {evidence: e, time, states} = evidence()
    expect(e.status().state).toBe('pending')
    expect(e.accepted()).toBe(false)
    time.advance(35_000)
    expect(e.status().state).toBe('accepted')
    expect(e.isAccepted()).toBe(true)
    time.advance(1)
    expect(e.status()).toMatchObject({state: 'stale', lastSuccessWall: 1_000_000})
    expect(e.isAccepted()).toBe(false)
    e.accepted()
    expect(e.status().state).toBe('accepted')
    expect(states()).toEqual(['accepted'])
  })

  test('a refusal flips it at once and says why; a success takes it back', () => {
    const {evidence: e, states} = evidence()
    e.accepted()
    expect(e.failed(refused)).toBe(true)
    expect(e.status()).toMatchObject({state: 'failing', failure: 'key_invalid', status: 401, failures: 1})
    expect(e.failed(refused)).toBe(false)
    expect(e.status().failures).toBe(2)
    expect(e.failed({...refused, failure: 'tunnel_unknown', status: 404})).toBe(true)
    expect(e.accepted()).toBe(true)
    expect(e.status()).toMatchObject({state: 'accepted', failure: null, message: null, failures: 0})
    expect(states()).toEqual(['accepted', 'failing', 'failing', 'accepted'])
  })
})
