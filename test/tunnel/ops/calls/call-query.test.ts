import {describe, expect, test} from 'vitest'
import {readCallQuery} from '../../../../src/tunnel/ops/calls/call-query.ts'

const read = (query: string) => readCallQuery(new URLSearchParams(query))

test('nothing given: the newest hundred', () => {
  expect(read('')).toEqual({after: null, limit: 100, channel: null, outcomes: null, failure: null})
})

test('everything given', () => {
  expect(read('after=7&limit=500&channel=Docs&outcome=open,expired&failure=refused')).toEqual({
    after: 7,
    limit: 500,
    channel: 'docs',
    outcomes: new Set(['open', 'expired']),
    failure: 'refused',
  })
})

test('failed stands for what did not end well', () => {
  expect(read('outcome=failed')).toMatchObject({
    outcomes: new Set(['error', 'refused', 'expired', 'undelivered', 'aborted']),
  })
})

describe('what is wrong is named', () => {
  test.each([
    ['after=-1', 'after'],
    ['after=1.5', 'after'],
    ['after=1e3', 'after'],
    ['after=', 'after'],
    ['after=99999999999999999999', 'after'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=ten', 'limit'],
    ['outcome=fine', 'outcome'],
    ['outcome=', 'outcome'],
    ['failure=toString', 'failure'],
    ['channel=', 'channel'],
    ['limit=1&limit=2', 'limit'],
    ['chanel=main', 'chanel'],
  ])('%s', (query, parameter) => {
    expect(read(query)).toMatchObject({parameter, message: expect.stringMatching(/\w/)})
  })
})
