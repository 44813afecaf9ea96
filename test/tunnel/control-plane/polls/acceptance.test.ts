import {describe, expect, test} from 'vitest'
import {createAcceptance} from '../../../../src/tunnel/control-plane/polls/acceptance.ts'
import {manualTime} from '../../../support/manual-time.ts'

function watch() {
  const {clock, wheel, advance} = manualTime()
  const acceptance = createAcceptance(wheel, () => clock.now())
  let accepted = 0
  const poll = {
    accept: () => {
      accepted += 1
    },
  }
  return {acceptance, poll, advance, now: () => clock.now(), accepted: () => accepted}
}

describe('a poll counts as accepted', () => {
  test('50 ms after a request that was sent later was answered', () => {
    const {acceptance, poll, advance, now, accepted} = watch()
    acceptance.sent(poll)
    advance(5)
    acceptance.witness(now(), 404)
    advance(49)
    expect(accepted()).toBe(0)
    advance(1)
    expect(accepted()).toBe(1)
  })

  test('once, however many requests were answered', () => {
    const {acceptance, poll, advance, now, accepted} = watch()
    acceptance.sent(poll)
    for (let n = 0; n < 3; n++) {
      advance(20)
      acceptance.witness(now(), 200)
    }
    expect(accepted()).toBe(0)
    advance(10)
    expect(accepted()).toBe(1)
    advance(1000)
    acceptance.witness(now(), 200)
    advance(1000)
    expect(accepted()).toBe(1)
  })

  test('not through a request that was sent before it', () => {
    const {acceptance, poll, advance, now, accepted} = watch()
    const before = now()
    advance(5)
    acceptance.sent(poll)
    acceptance.witness(before, 200)
    advance(1000)
    expect(accepted()).toBe(0)
  })

  test.each([401, 403, 500, 503])('not through an answer with %d', (status) => {
    const {acceptance, poll, advance, now, accepted} = watch()
    acceptance.sent(poll)
    acceptance.witness(now(), status)
    advance(1000)
    expect(accepted()).toBe(0)
  })

  test('not when it was answered itself in the meantime', () => {
    const {acceptance, poll, advance, now, accepted} = watch()
    acceptance.sent(poll)
    acceptance.witness(now(), 200)
    advance(20)
    acceptance.ended(poll)
    advance(1000)
    expect(accepted()).toBe(0)
  })
})
