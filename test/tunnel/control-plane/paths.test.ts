import {describe, expect, test} from 'vitest'
import {joinPath, pollQuery, tunnelPaths} from '../../../src/tunnel/control-plane/index.ts'

describe('where the endpoints are', () => {
  test.each([
    ['', 'tunnel_a', '/v1/tunnels/tunnel_a/poll'],
    ['/edge/cp/', 'tunnel_a', '/edge/cp/v1/tunnels/tunnel_a/poll'],
    ['edge//cp/../x', 'tunnel_a', '/edge/x/v1/tunnels/tunnel_a/poll'],
    ['', 'tunnel_a ', '/v1/tunnels/tunnel_a%2520/poll'],
    ['', 'a/b', '/v1/tunnels/a%252Fb/poll'],
    ['', 'ü', '/v1/tunnels/%25C3%25BC/poll'],
    ['', "a$&+=:@!'()*", '/v1/tunnels/a$&+=:@%2521%2527%2528%2529%252A/poll'],
  ])('prefix %j, id %j', (urlPath, id, poll) => {
    expect(tunnelPaths(urlPath, id).poll).toBe(poll)
  })

  test('the other endpoints lie beside it', () => {
    expect(tunnelPaths('/p', 't')).toEqual({
      metadata: '/p/v1/tunnels/t',
      poll: '/p/v1/tunnels/t/poll',
      response: '/p/v1/tunnels/t/response',
    })
  })

  test('the query of a poll is exactly the one of the reference', () => {
    expect(pollQuery({limit: 20, timeoutMs: 30_000, channels: null})).toBe('?limit=20&timeout_ms=30000')
    expect(pollQuery({limit: 5, timeoutMs: 0.4, channels: ['a', 'main']})).toBe(
      '?channel=a&channel=main&limit=5&timeout_ms=1',
    )
    expect(pollQuery({limit: 5, timeoutMs: 9, channels: null, urgent: true})).toBe('?limit=5&timeout_ms=9&only=urgent')
  })

  test('joining cleans', () => {
    expect(joinPath('', '/')).toBe('/')
    expect(joinPath('/a/./b/', '//c')).toBe('/a/b/c')
  })
})
