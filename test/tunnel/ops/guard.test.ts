import {describe, expect, test} from 'vitest'
import {mayPass} from '../../../src/tunnel/ops/guard.ts'

const asks = (peer: string | null, host: string | undefined, allowRemote = false) => mayPass({peer, host, allowRemote})

describe('who may read the guarded pages', () => {
  test.each([
    ['127.0.0.1', 'localhost:8080'],
    ['127.8.9.1', '127.8.9.1'],
    ['::1', '[::1]:8080'],
    ['::ffff:127.0.0.1', 'LOCALHOST'],
    ['127.0.0.1', 'tunnel.localhost:1'],
    ['127.0.0.1', '[::ffff:127.0.0.1]:1'],
  ])('this host: %s asking for %s', (peer, host) => {
    expect(asks(peer, host)).toBe(true)
  })

  test.each([
    ['192.168.1.7', 'localhost'],
    ['::ffff:10.0.0.1', 'localhost'],
    // A page that rebound its own name to 127.0.0.1.
    ['127.0.0.1', 'evil.example:8080'],
    ['127.0.0.1', '127.0.0.1.evil.example'],
    ['127.0.0.1', 'localhost.evil.example'],
    ['127.0.0.1', '[::2]:1'],
    ['127.0.0.1', ''],
    ['127.0.0.1', undefined],
  ])('not %s asking for %s', (peer, host) => {
    expect(asks(peer, host)).toBe(false)
  })

  test('a foreign page may link to them, but not fetch them, wherever the surface is open', () => {
    const page = {peer: '127.0.0.1', host: 'localhost:8080', fetchSite: 'cross-site'}
    expect(mayPass({...page, allowRemote: false, fetchMode: 'no-cors'})).toBe(false)
    expect(mayPass({...page, allowRemote: true, fetchMode: 'cors'})).toBe(false)
    expect(mayPass({...page, allowRemote: false, fetchMode: 'navigate'})).toBe(true)
    expect(mayPass({...page, allowRemote: false, fetchSite: 'same-origin', fetchMode: 'cors'})).toBe(true)
  })

  test('a unix socket is guarded by its file, and --allow-remote-ui opens up', () => {
    expect(asks(null, 'anything')).toBe(true)
    expect(asks('10.0.0.1', 'daemon.internal', true)).toBe(true)
  })
})
