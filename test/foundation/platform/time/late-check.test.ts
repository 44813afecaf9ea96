import {expect, test} from 'vitest'
import {lateCheck, lateTimer} from '../../../../src/foundation/platform/time/late-check.ts'

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('time wins only after two turns of the loop that brought nothing', async () => {
  let arrived = 0
  let expired = false
  lateCheck({
    progress: () => arrived,
    expire: () => {
      expired = true
    },
  })
  for (let more = 0; more < 5; more += 1) {
    await turns(1)
    arrived += 1
    expect(expired).toBe(false)
  }
  await turns(5)
  expect(expired).toBe(true)
})

test('an endless stream does not put time off for ever', async () => {
  let arrived = 0
  let expired = false
  lateCheck({
    progress: () => arrived,
    expire: () => {
      expired = true
    },
  })
  for (let turn = 0; turn < 1000 && !expired; turn += 1) {
    arrived += 1
    await turns(1)
  }
  expect(expired).toBe(true)
})

test('a canceled timer never expires, also when it had already fired', async () => {
  let expired = 0
  const cancel = lateTimer(1, () => {
    expired += 1
  })
  // Due together with it, so both fire in one pass over the timers, before any turn of the loop.
  const canceled = new Promise<void>((resolve) => {
    setTimeout(() => {
      cancel()
      resolve()
    }, 1)
  })
  const blocked = performance.now() + 20
  while (performance.now() < blocked);
  await canceled
  await turns(5)
  expect(expired).toBe(0)
})
