import {describe, expect, test} from 'vitest'
import {guardRefusal} from '../../../src/tunnel/ops/guard.ts'

const asks = (peer: string | null, host: string | undefined, allowRemote: boolean | null = false) =>
  guardRefusal({peer, hosts: host === undefined ? [] : [host], allowRemote})

describe('who may read the guarded pages', () => {
  test.each([
    ['127.0.0.1', 'localhost:8080'],
    ['127.8.9.1', '127.8.9.1'],
    ['::1', '[::1]:8080'],
    ['::ffff:127.0.0.1', 'LOCALHOST'],
    ['127.0.0.1', '[::ffff:127.0.0.1]:1'],
  ])('this host: %s asking for %s', (peer, host) => {
    expect(asks(peer, host)).toBeNull()
  })

  test.each([
    ['192.168.1.7', 'localhost'],
    ['::ffff:10.0.0.1', 'localhost'],
    // A page that rebound its own name to 127.0.0.1.
    ['127.0.0.1', 'evil.example:8080'],
    ['127.0.0.1', '127.0.0.1.evil.example'],
    ['127.0.0.1', 'localhost.evil.example'],
    ['127.0.0.1', 'tunnel.localhost:1'],
    ['127.0.0.1', '[::2]:1'],
    ['127.0.0.1', ''],
    ['127.0.0.1', undefined],
  ])('not %s asking for %s', (peer, host) => {
    expect(asks(peer, host)).toMatchObject({status: 403})
  })

  test('a foreign page may link to them, but not fetch them, wherever the surface is open', () => {
    const page = {peer: '127.0.0.1', hosts: ['localhost:8080'], fetchSite: 'cross-site'}
    const foreign = {status: 403, body: expect.stringMatching(/page of another site/)}
    expect(guardRefusal({...page, allowRemote: false, fetchMode: 'no-cors'})).toEqual(foreign)
    expect(guardRefusal({...page, allowRemote: true, fetchMode: 'cors'})).toEqual(foreign)
    expect(guardRefusal({...page, allowRemote: false, fetchMode: 'navigate'})).toBeNull()
    expect(guardRefusal({...page, allowRemote: false, fetchSite: 'same-origin', fetchMode: 'cors'})).toBeNull()
  })

  test.each([
    ['https://evil.example', false],
    ['null', false],
    ['nonsense', false],
    ['http://localhost:3000', true],
    ['http://127.0.0.1:8080', true],
    ['http://localhost:8080', true],
    ['http://app.localhost:3000', false],
    ['http://app.localhost:8080', false],
  ])('a browser that says no more than Origin: %s', (origin, passes) => {
    const refusal = guardRefusal({peer: '127.0.0.1', hosts: ['localhost:8080'], allowRemote: false, origin})
    if (passes) expect(refusal).toBeNull()
    else expect(refusal).toEqual({status: 403, body: expect.stringMatching(/page of another site/)})
  })

  test('a unix socket is guarded by its file, and --allow-remote-ui opens up', () => {
    expect(asks(null, 'anything')).toBeNull()
    expect(asks('10.0.0.1', 'daemon.internal', true)).toBeNull()
  })

  test('two Host headers are refused, whichever of them is ours, wherever the surface is open', () => {
    for (const hosts of [
      ['localhost', 'evil.example'],
      ['evil.example', 'localhost'],
      ['localhost', 'localhost'],
    ]) {
      for (const allowRemote of [true, false]) {
        expect(guardRefusal({peer: '127.0.0.1', hosts, allowRemote})).toMatchObject({status: 400})
      }
    }
  })

  test('nobody is told to open what cannot be opened, or to open up for a name that is not ours', () => {
    expect(asks('10.0.0.1', 'localhost')?.body).toMatch(/--allow-remote-ui/)
    expect(asks('10.0.0.1', 'localhost', null)?.body).toBe('this page is restricted to loopback\n')
    expect(asks('127.0.0.1', 'evil.example')?.body).toMatch(/Host header.*127\.0\.0\.1/)
    expect(asks('127.0.0.1', 'evil.example')?.body).not.toMatch(/--allow-remote-ui/)
  })
})
