import {expect, it} from 'vitest'
import {createRouter} from '../../../../src/foundation/platform/http-server/router.ts'

const find = createRouter(
  [
    '/',
    '/readyz',
    '/health/state',
    '/health/:component',
    '/v1/tunnels/:id',
    '/v1/tunnels/:id/poll',
    '/v1/mcp/:id/:channel',
  ].map((path) => ({path, value: path})),
)

it.each([
  ['/', '/', {}],
  ['/?a', '/', {}],
  ['/readyz', '/readyz', {}],
  ['/readyz/', '/readyz', {}],
  ['/readyz?format=json', '/readyz', {}],
  ['/readyz/?format=json/x', '/readyz', {}],
  ['/readyz#there', '/readyz', {}],
  ['/%72eadyz', '/readyz', {}],
  ['http://127.0.0.1:8080/readyz', '/readyz', {}],
  ['/health/state', '/health/state', {}],
  ['/health/poll', '/health/:component', {component: 'poll'}],
  ['/v1/tunnels/a%2Fb%20c', '/v1/tunnels/:id', {id: 'a/b c'}],
  ['/v1/tunnels/t/poll?limit=25', '/v1/tunnels/:id/poll', {id: 't'}],
  ['/v1/mcp/t/__proto__', '/v1/mcp/:id/:channel', {id: 't', channel: '__proto__'}],
])('%s is served by %s', (target, value, params) => {
  expect(find(target)).toEqual({value, params})
})

it.each([
  '',
  '*',
  '/nowhere',
  '/Readyz',
  '//readyz',
  '/readyz//',
  '/readyz/x',
  '/health',
  '/health/',
  '/v1/tunnels//poll',
  '/v1/tunnels/%zz',
  '/v1/tunnels/%ff/poll',
  '/health%2Fstate',
  'ftp://x/readyz',
])('%s is served by nobody', (target) => {
  expect(find(target)).toBeNull()
})

it('a parameter of more than 4096 characters is no name of anything', () => {
  expect(find(`/v1/tunnels/${'a'.repeat(4096)}`)).not.toBeNull()
  expect(find(`/v1/tunnels/${'a'.repeat(4097)}`)).toBeNull()
})
