import {describe, expect, test} from 'vitest'
import type {RespondOutcome} from '../../../../src/tunnel/control-plane/index.ts'
import {Outbox} from '../../../../src/tunnel/relay/server-messages/outbox.ts'

const delivered: RespondOutcome = {kind: 'delivered', status: 200, unknown: false, attempts: 1}

function outbox() {
  const posted: string[] = []
  const waiting: ((outcome: RespondOutcome) => void)[] = []
  const pressure: boolean[] = []
  let dropped = 0
  let failures = 0
  const box = new Outbox({
    post: (raw, done) => {
      posted.push(raw.toString())
      waiting.push(done)
      return {abort: () => done({kind: 'aborted', attempts: 1})}
    },
    onGone: () => {},
    onFailure: () => {
      failures += 1
    },
    onDropped: (count) => {
      dropped += count
    },
    onPressure: (high) => pressure.push(high),
  })
  const step = (outcome: RespondOutcome = delivered) => waiting.shift()!(outcome)
  return {box, posted, step, pressure, waiting, dropped: () => dropped, failures: () => failures}
}

const progress = (token: string, value: number, pad = 0) =>
  Buffer.from(
    `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${value},"m":"${'x'.repeat(pad)}"}}`,
  )
const message = (n: number, pad = 0) =>
  Buffer.from(`{"jsonrpc":"2.0","method":"notifications/message","params":{"n":${n},"m":"${'x'.repeat(pad)}"}}`)

describe('notifications of one call', () => {
  test('leave one after the other, in order, and the end waits for them', () => {
    const {box, posted, step, waiting} = outbox()
    for (let n = 0; n < 3; n++) box.push(message(n))
    expect(posted).toHaveLength(1)
    let finished = false
    box.finish(() => {
      finished = true
    })
    step()
    step()
    expect(finished).toBe(false)
    step()
    expect(finished).toBe(true)
    expect(posted).toEqual([0, 1, 2].map((n) => message(n).toString()))
    expect(waiting).toEqual([])
  })

  test('nothing is dropped within the bounds; the source is asked to pause early and to go on later', () => {
    const {box, step, pressure, dropped} = outbox()
    for (let n = 0; n < 501; n++) box.push(progress('1', n))
    expect(pressure).toEqual([])
    for (let n = 501; n < 8001; n++) box.push(progress('1', n))
    expect(dropped()).toBe(0)
    expect(pressure).toEqual([true])
    for (let n = 0; n < 8001; n++) step()
    expect(pressure).toEqual([true, false])
  })

  test('beyond the bounds, progress that was overtaken goes first, the newest of each token stays', () => {
    const {box, posted, step, waiting, dropped} = outbox()
    box.push(message(0))
    for (let n = 0; n < 4000; n++) {
      box.push(progress('"a"', n))
      box.push(progress('7', n))
    }
    box.push(message(1))
    expect(dropped()).toBe(7998)
    while (waiting.length > 0) step()
    expect(posted).toEqual([message(0), progress('"a"', 3999), progress('7', 3999), message(1)].map(String))
  })

  test('bytes are bounded too; what cannot be overtaken goes oldest first, and one large message still passes', () => {
    const {box, posted, step, waiting, dropped} = outbox()
    box.push(message(0))
    box.push(message(1, 2_000_000))
    expect(dropped()).toBe(0)
    box.push(message(2))
    expect(dropped()).toBe(1)
    while (waiting.length > 0) step()
    expect(posted).toEqual([message(0), message(2)].map(String))
  })

  const why = {
    message: '',
    status: null,
    code: null,
    detail: null,
    mitigation: null,
    retryAfter: null,
    tunnelRequestId: null,
    timedOut: false,
  } as const
  const transport = {failure: 'closed', message: 'reset', unsent: false, trace: []} as const
  const lost: RespondOutcome = {kind: 'failed', attempts: 1, failure: {...why, failure: 'closed', transport}}
  const refused = (status: number): RespondOutcome => ({
    kind: 'refused',
    status,
    attempts: 1,
    failure: {...why, failure: 'too_large', status, transport: null},
  })

  test('one that is too large, or whose connection was cut, costs no other; three cuts in a row are no accident', () => {
    const {box, posted, step, failures} = outbox()
    for (let n = 0; n < 9; n++) box.push(message(n))
    for (const outcome of [refused(413), lost, lost, delivered, lost, lost, lost]) step(outcome)
    expect(posted).toHaveLength(7)
    expect(failures()).toBe(6)
  })

  test.each([400, 401, 403])('a refusal with %d means all of them', (status) => {
    const {box, posted, step} = outbox()
    box.push(message(0))
    box.push(message(1))
    step(refused(status))
    expect(posted).toHaveLength(1)
  })

  test('after one failed, the later ones are not sent, and the end comes', () => {
    const {box, posted, step, failures} = outbox()
    box.push(message(0))
    box.push(message(1))
    let finished = false
    box.finish(() => {
      finished = true
    })
    step({kind: 'aborted', attempts: 1})
    expect(finished).toBe(true)
    expect(posted).toHaveLength(1)
    expect(failures()).toBe(1)
  })
})
