// Whoever looks at a daemon whose polls fail wants to know when it tries again.

import {expect, test} from 'vitest'
import {eventually} from '../../../support/eventually.ts'
import {holding, running} from '../world.ts'

test('the rest of the pause before the next poll is told, and nothing once polls stand again', async () => {
  const {plane, relay} = await running({channels: [holding().channel]})
  await plane.until('a poll', () => plane.heldPolls === 1)
  expect(relay.snapshot().polls).toMatchObject({open: 1, pauseMs: null})
  plane.onPoll = (_request, response) => {
    response.statusCode = 503
    response.setHeader('Retry-After', '30')
    response.end('{}')
    return true
  }
  plane.cut()
  const polls = await eventually('the pause', () => {
    const found = relay.snapshot().polls
    return found.pauseMs === null ? null : found
  })
  expect(polls.pauseMs).toBeLessThanOrEqual(30_000)
  expect(polls.open).toBe(0)
})
