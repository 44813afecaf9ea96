import {request as httpRequest} from 'node:http'
import {afterEach, describe, expect, test} from 'vitest'
import {systemClock} from '../../../../src/foundation/platform/index.ts'
import {createCallsSource, createOpsServer, type OpsServer, type OpsSources} from '../../../../src/tunnel/ops/index.ts'
import {openCall, tracedCall} from './calls.ts'

const open: OpsServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serve() {
  const calls = createCallsSource({instanceId: 'i1', clock: systemClock, scrub: (text) => text})
  const server = await createOpsServer({
    listen: {listenAddr: '127.0.0.1:0', unixSocket: null},
    allowRemote: false,
    // These routes read nothing else.
    sources: {calls} as unknown as OpsSources,
    onDefect: (error) => {
      throw error
    },
  })
  open.push(server)
  return {calls, server}
}

function ask({address}: OpsServer, path: string, init: {host?: string; method?: string} = {}) {
  return new Promise<{status: number; body: string}>((resolve, reject) => {
    const headers = init.host === undefined ? {} : {Host: init.host}
    httpRequest(`${address.url}${path}`, {headers, method: init.method ?? 'GET'}, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({status: response.statusCode ?? 0, body}))
    })
      .on('error', reject)
      .end()
  })
}

test('the list, and how it goes on', async () => {
  const {calls, server} = await serve()
  const slow = openCall('slow')
  calls.started(slow)
  const quick = tracedCall('quick')
  calls.started(quick)
  calls.finished(quick)
  const first = JSON.parse((await ask(server, '/api/calls')).body)
  expect(first).toMatchObject({schema_version: 1, instance_id: 'i1', more: false, gap: false})
  expect(first.calls.map(({id, outcome}: {id: string; outcome: string}) => [id, outcome])).toEqual([
    ['slow', 'open'],
    ['quick', 'answered'],
  ])
  Object.assign(slow, {outcome: 'expired', endedAt: 5000})
  calls.finished(slow)
  const second = JSON.parse((await ask(server, `/api/calls?after=${first.next_after}`)).body)
  expect(second.calls.map(({id}: {id: string}) => id)).toEqual(['slow'])
})

test('one call, by an id that has to be encoded', async () => {
  const {calls, server} = await serve()
  calls.started(openCall('req/1 ä', {rpcId: null}))
  const {status, body} = await ask(server, `/api/calls/${encodeURIComponent('req/1 ä')}`)
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({schema_version: 1, id: 'req/1 ä', phases: [{}, {}, {last: true}]})
})

describe('refusals are JSON', () => {
  test.each([
    ['/api/calls?limit=501', 400, 'bad_query'],
    ['/api/calls/nobody', 404, 'unknown_call'],
    ['/api/calls/same', 404, 'ambiguous_call'],
  ])('%s', async (path, status, code) => {
    const {calls, server} = await serve()
    calls.started(openCall('same-1'))
    calls.started(openCall('same-2'))
    const answer = await ask(server, path)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({schema_version: 1, error: {code}})
  })

  test('a broken escape in the path is no defect', async () => {
    const {server} = await serve()
    expect((await ask(server, '/api/calls/%ff')).status).toBeLessThan(500)
  })
})

test.each(['/api/calls', '/api/calls/x'])('%s is for this host only, and only read', async (path) => {
  const {server} = await serve()
  expect((await ask(server, path, {host: 'evil.example'})).status).toBe(403)
  expect((await ask(server, path, {method: 'POST'})).status).toBe(405)
})
