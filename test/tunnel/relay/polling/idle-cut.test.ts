// A poll that ends near the end of its time: cut by something that dislikes idle requests, or left alone by everybody?

import {expect, test} from 'vitest'
import {noAnswer} from '../../../../src/tunnel/control-plane/poll.ts'
import type {ControlPlaneClient, PollOutcome} from '../../../../src/tunnel/control-plane/types.ts'
import {createPollDelays} from '../../../../src/tunnel/relay/polling/poll-delays.ts'
import {createPollEvidence} from '../../../../src/tunnel/relay/polling/poll-evidence.ts'
import {Poller} from '../../../../src/tunnel/relay/polling/poller.ts'
import {manualTime} from '../../../support/manual-time.ts'
import {keepingLogger, type Logged} from '../../../support/relay-rig.ts'

test.each([
  ['ECONNRESET', 'accepted', true],
  // The system asked whether anybody is there, and nobody answered.
  ['ETIMEDOUT', 'failing', false],
])('a poll that ends with %s after 29 of 30 seconds: polling is %s', (errno, state, idleCutHint) => {
  const {clock, wheel, advance} = manualTime()
  const ends: ((outcome: PollOutcome) => void)[] = []
  const client: Pick<ControlPlaneClient, 'offers' | 'owesNews' | 'poll'> = {
    offers: () => false,
    owesNews: () => false,
    poll(_, sink) {
      ends.push((outcome) => sink.onOutcome(outcome))
      sink.onSent()
      sink.onAccepted()
      return {abort() {}, hangUp() {}, disown() {}}
    },
  }
  const evidence = createPollEvidence({clock, maxAge: 35_000, emit() {}})
  const logs: Logged[] = []
  const poller = new Poller({
    client: client as ControlPlaneClient,
    clock,
    wheel,
    log: keepingLogger(logs),
    pollTimeout: 30_000,
    pollDeadlineGuardrail: 5_000,
    delays: createPollDelays({now: () => clock.now()}),
    evidence,
    emit() {},
    advise: () => ({}),
    free: () => 20,
    take: () => ({enqueued: 0, repeated: 0}),
    refuse: (_slice, done) => done(),
    onUnproved() {},
    onEnded() {},
  })
  poller.start()
  advance(29_000)
  const transport = {failure: 'closed', message: 'closed', errno, unsent: false, trace: []} as const
  ends[0]!({kind: 'failed', failure: noAnswer('closed', 'poll: closed', transport)})
  expect(evidence.status()).toMatchObject({state, idleCutHint})
  advance(300)
  expect(ends).toHaveLength(2)
})
